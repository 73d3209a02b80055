import { measure, median } from "../support/measure.mjs";
import { requireAt } from "../support/require.mjs";

/** @import { Operation } from "../support/measure.mjs" */

/** @typedef {{ operation: Operation, callers: number }} Load */
/** @typedef {{ turns: number, warmUps: number, turnMs: number }} TurnSettings */

/**
 * Measures operations by turns, each with its number of callers. Returns the median µs of CPU of each, in
 * their order.
 *
 * @param {readonly Load[]} loads
 * @param {TurnSettings} settings
 */
export async function microsOf(loads, { turns, warmUps, turnMs }) {
  /** @type {number[][]} */
  const micros = loads.map(() => []);
  for (let turn = 0; turn < warmUps + turns; turn += 1) {
    for (const [index, { operation, callers }] of loads.entries()) {
      const { cpuMicros } = await measure(operation, { concurrency: callers, ms: turnMs });
      if (turn >= warmUps) requireAt(micros, index).push(cpuMicros);
    }
  }
  return micros.map(median);
}
