/** Question: how many values are written to Redis, and at what cost, beside the client underneath? */
import { comparisonGoals, comparisonTable } from "./beats/comparison.mjs";
import { playBeats } from "./beats/play.mjs";
import { beatsOf, describeBeats } from "./beats/settings.mjs";
import { onRedis } from "./support/on-redis.mjs";

/** @import { Case } from "./beats/play.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

const tuned = "node-redis, tuned";
const contenders = ["cachewell", tuned];

/** @type {readonly Case[]} */
const cases = [
  { operation: "set", concurrency: 1, contenders },
  { operation: "set", concurrency: 16, contenders },
  { operation: "set", concurrency: 128, contenders, goals: { [tuned]: 0.9 } },
  { operation: "set", concurrency: 1_024, contenders },
  { operation: "incr", concurrency: 128, contenders },
];

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = beatsOf({ isQuick });
  const results = await onRedis((server) => playBeats(server, { cases }, settings));
  return {
    title: "Writes",
    how:
      "`set` of one key with a lifetime of 300 s, beside `JSON.stringify` and `SET … PX`; `incr` of a counter, which " +
      "is created where it is missing and given a lifetime then, beside `INCR`, which gives none. " +
      `${describeBeats(settings)}.`,
    tables: [comparisonTable(cases, results)],
    goals: comparisonGoals(cases, results),
  };
}
