/** Runs `operation` in `concurrency` loops for `ms`; returns operations per second and CPU µs per operation. */
export async function measure(operation, { concurrency, ms }) {
  const endAt = performance.now() + ms;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let done = 0;
  const loop = async (lane) => {
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

/** Returns the middle value. */
export function median(values) {
  return quantile(values, 0.5);
}

/** Returns the value that `share` of all are below. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}
