/**
 * What a loop repeats, with the number of its turn. `undefined` where a contender lacks the method.
 *
 * @typedef {(turn: number) => Promise<unknown> | undefined} Operation
 */

/** @typedef {{ perSecond: number, cpuMicros: number }} Figures */

/**
 * Runs `operation` in `concurrency` loops for `ms`.
 *
 * @param {Operation} operation
 * @param {{ concurrency: number, ms: number }} rules
 * @returns {Promise<Figures>} operations per second, and µs of CPU per operation
 */
export async function measure(operation, { concurrency, ms }) {
  const endAt = performance.now() + ms;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let done = 0;
  const loop = async (/** @type {number} */ lane) => {
    for (let turn = lane; performance.now() < endAt; turn += 1) {
      await operation(turn);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, lane) => loop(lane * 7919)));
  const cpu = process.cpuUsage(cpuBefore);
  return {
    perSecond: (done * 1000) / (performance.now() - startedAt),
    cpuMicros: (cpu.user + cpu.system) / done,
  };
}

/**
 * Returns the middle value; NaN of no values.
 *
 * @param {readonly number[]} values
 */
export function median(values) {
  return quantile(values, 0.5);
}

/**
 * Returns the value that exceeds this share of all; NaN of no values.
 *
 * @param {readonly number[]} values
 * @param {number} share
 */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
