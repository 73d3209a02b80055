/**
 * Question: how many values are read from Redis, and at what cost, beside the clients and the caches
 * that others use, and how much is left to the limit?
 */
import { comparisonGoals, comparisonTable } from "./beats/comparison.mjs";
import { playBeats } from "./beats/play.mjs";
import { beatsOf, describeBeats } from "./beats/settings.mjs";
import { barChart } from "./charts/bar-chart.mjs";
import { titleOf } from "./charts/frame.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { medianOf } from "./support/report.mjs";
import { requireAt, requireEntry } from "./support/require.mjs";

/** @import { Case, CaseResults } from "./beats/play.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

const ours = "cachewell";
const tuned = "node-redis, tuned";
const caches = ["cache-manager", "cacheable", "bentocache"];
const everybody = [ours, tuned, "node-redis", "ioredis, pipelining", ...caches, "the limit"];
const few = [ours, tuned, "the limit"];

/** @type {readonly Case[]} */
const cases = [
  { operation: "get", concurrency: 1, contenders: few, goals: { [tuned]: 0.95 } },
  { operation: "get", concurrency: 16, contenders: few, goals: { [tuned]: 0.95 } },
  {
    operation: "get",
    concurrency: 128,
    contenders: everybody,
    goals: {
      [tuned]: 1.4,
      "node-redis": 4,
      "ioredis, pipelining": 2.5,
      ...Object.fromEntries(caches.map((name) => [name, 3])),
    },
  },
  { operation: "get", concurrency: 1_024, contenders: few, goals: { [tuned]: 1.6 } },
];

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = beatsOf({ isQuick });
  const results = await onRedis((server) => playBeats(server, { cases }, settings));
  return {
    title: "Reads",
    how:
      "`get` of one key, each caller awaiting its value before it asks for the next. The limit is the protocol and " +
      "`JSON.parse`, in some 80 lines without a deadline or a second thought, for the upper bound. " +
      `${describeBeats(settings)}.`,
    tables: [comparisonTable(cases, results)],
    goals: comparisonGoals(cases, results),
    charts: { "reads.svg": chartOf(requireAt(results, 2), isQuick) },
  };
}

/**
 * @param {CaseResults} results
 * @param {boolean} isQuick
 */
function chartOf(results, isQuick) {
  return barChart({
    title: titleOf("CPU of one get, 128 at once", { isQuick }),
    unit: "µs",
    bars: everybody.map((name) => ({
      label: name,
      value: medianOf("cpuMicros", requireEntry(results, name)),
      isOurs: name === ours,
    })),
  });
}
