import { measure, median } from "../support/measure.mjs";

/** Measures operations by turns, each for so many callers. Returns the median µs of CPU of each, in their order. */
export async function microsOf(operations, { turns, warmUps, turnMs }) {
  const micros = operations.map(() => []);
  for (let turn = 0; turn < warmUps + turns; turn += 1) {
    for (const [index, { operation, callers }] of operations.entries()) {
      const { cpuMicros } = await measure(operation, { concurrency: callers, ms: turnMs });
      if (turn >= warmUps) micros[index].push(cpuMicros);
    }
  }
  return micros.map(median);
}
