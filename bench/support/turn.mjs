/** @import { Figures, Operation } from "./measure.mjs" */

/** How many hits of an in-process tier are awaited between two looks at the clock. */
const hitsAtATime = 1_000;

/**
 * Runs `operation` in `concurrency` loops for `ms`; each awaits its answer before it calls again.
 *
 * @param {Operation} operation
 * @param {{ concurrency: number, ms: number }} rules
 * @returns operations per second, and µs of this process's CPU per operation
 */
export function takeTurn(operation, { concurrency, ms }) {
  return figuresOf(async (count) => {
    const over = AbortSignal.timeout(ms);
    const loop = async (/** @type {number} */ lane) => {
      for (let turn = lane * 7_919; !over.aborted; turn += 1) {
        if ((await operation(turn)) === undefined) throw new Error("Nothing was found.");
        count.done += 1;
      }
    };
    await Promise.all(Array.from({ length: concurrency }, (_none, lane) => loop(lane)));
  });
}

/**
 * The same for answers without a round trip: one loop, which seldom looks at the clock.
 *
 * @param {Operation} operation
 * @param {{ ms: number }} rules
 */
export function takeTurnOfHits(operation, { ms }) {
  return figuresOf(async (count) => {
    const endAt = performance.now() + ms;
    while (performance.now() < endAt) {
      for (let hit = 0; hit < hitsAtATime; hit += 1) {
        if ((await operation(count.done + hit)) === undefined)
          throw new Error("Nothing was found.");
      }
      count.done += hitsAtATime;
      await new Promise(setImmediate); // lets timers and sockets run
    }
  });
}

/**
 * @param {(count: { done: number }) => Promise<void>} task
 * @returns {Promise<Figures>}
 */
async function figuresOf(task) {
  const count = { done: 0 };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  await task(count);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    perSecond: (count.done * 1_000) / (performance.now() - startedAt),
    cpuMicros: (user + system) / count.done,
  };
}
