/** Question: what do a hundred keys in one call cost beside the least that the client underneath can do? */
import { comparisonGoals, comparisonTable } from "./beats/comparison.mjs";
import { playBeats } from "./beats/play.mjs";
import { beatsOf, describeBeats } from "./beats/settings.mjs";
import { onRedis } from "./support/on-redis.mjs";

/** @import { Case } from "./beats/play.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

const tuned = "node-redis, tuned";
const common = { contenders: ["cachewell", tuned], goals: { [tuned]: 0.9 } };

/** @type {readonly Case[]} */
const cases = [
  { operation: "getMany(100)", concurrency: 1, ...common },
  { operation: "getMany(100)", concurrency: 16, ...common },
  { operation: "setMany(100)", concurrency: 1, ...common },
  { operation: "setMany(100)", concurrency: 16, ...common },
];

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = beatsOf({ isQuick });
  const results = await onRedis((server) => playBeats(server, { cases }, settings));
  return {
    title: "Many at once",
    how:
      "`getMany` of 100 keys beside `MGET` and 100 × `JSON.parse`; `setMany` of 100 keys beside 100 × `JSON.stringify` " +
      "and a pipeline of as many `SET … PX`. Figures are of a call, not of a key. " +
      `${describeBeats(settings)}.`,
    tables: [comparisonTable(cases, results)],
    goals: comparisonGoals(cases, results),
  };
}
