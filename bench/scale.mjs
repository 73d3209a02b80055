/** Question: does a read stay as cheap when there are more keys, and more callers? */
import { playBeats } from "./beats/play.mjs";
import { beatsOf } from "./beats/settings.mjs";
import { titleOf } from "./charts/frame.mjs";
import { lineChart } from "./charts/line-chart.mjs";
import { fillKeys } from "./support/filling.mjs";
import { median } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";
import { requireAt, requireEntry, requireLast } from "./support/require.mjs";
import { sessionOf } from "./support/values.mjs";

/** @import { Case, CaseResults } from "./beats/play.mjs" */
/** @import { Point } from "./charts/line-chart.mjs" */
/** @import { Figures } from "./support/measure.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

const ours = "cachewell";
const tuned = "node-redis, tuned";
const keyCounts = [1e3, 1e4, 1e5, 1e6];
const callerCounts = [1, 4, 16, 64, 256, 1_024, 4_096];
const usual = { keys: 1e4, callers: 128, callersOfMany: 16 };
const batchSize = 100;
/** A cost that grows by no more than this factor from the first to the last counts as flat. */
const flat = 1.25;
/** The prefix that cachewell gives a key by default; the peer reads the same keys. */
const storedPrefix = ":1:";

const everyPlace = keyCounts.flatMap((keys) => [playerOf(ours, keys), playerOf(tuned, keys)]);
const usualOurs = playerOf(ours, usual.keys);
const usualTuned = playerOf(tuned, usual.keys);
/** @type {readonly Case[]} */
const cases = [
  { operation: "get at random", concurrency: usual.callers, contenders: everyPlace },
  { operation: "getMany(100) at random", concurrency: usual.callersOfMany, contenders: everyPlace },
  ...callerCounts.map((concurrency) => ({
    operation: "get at random",
    concurrency,
    contenders: [usualOurs, usualTuned],
  })),
];

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = beatsOf({ isQuick });
  const results = await onRedis(async (server) => {
    for (const [database, count] of keyCounts.entries()) {
      const text = JSON.stringify(sessionOf(count));
      await fillKeys(server, { database, keyPrefix: `${storedPrefix}session:`, count, text });
    }
    return playBeats(server, { cases, players: players(), prepare: [] }, settings);
  });
  const [gets, batches] = [requireAt(results, 0), requireAt(results, 1)];
  const byCallers = results.slice(2);
  return {
    title: "Scale",
    how:
      "µs of CPU in the client's process, with keys at random. By keys: one `get`, with " +
      `${usual.callers} callers, and one key of \`getMany(100)\`, with ${usual.callersOfMany}. By callers: one \`get\`, of ` +
      `${usual.keys.toLocaleString("en")} keys. ${settings.generations} × ${settings.beats} beats of ${settings.turnMs} ms a turn.`,
    tables: [keyTable(gets, batches), callerTable(byCallers)],
    goals: goalsOf(gets, batches, byCallers),
    charts: chartsOf({ gets, byCallers, isQuick }),
  };
}

/**
 * @param {string} contender
 * @param {number} keys
 */
function playerOf(contender, keys) {
  return `${contender}, ${keys} keys`;
}

function players() {
  return Object.fromEntries(
    keyCounts.flatMap((keyCount, database) => [
      [playerOf(ours, keyCount), { contender: ours, keyPrefix: "", database, keyCount }],
      [
        playerOf(tuned, keyCount),
        { contender: tuned, keyPrefix: storedPrefix, database, keyCount },
      ],
    ]),
  );
}

/**
 * @param {CaseResults} gets
 * @param {CaseResults} batches
 */
function keyTable(gets, batches) {
  const titles = [
    "keys",
    `${ours}, a get`,
    "÷ that of the fewest keys",
    "middle half",
    `${tuned}, a get`,
    `${ours}, a key of 100`,
    `${tuned}, a key of 100`,
  ];
  const rows = keyCounts.map((keys) => [
    keys.toLocaleString("en"),
    cost(requireEntry(gets, playerOf(ours, keys))),
    ...spreadCells(growthByKeys(gets, keys)),
    cost(requireEntry(gets, playerOf(tuned, keys))),
    cost(requireEntry(batches, playerOf(ours, keys)), batchSize),
    cost(requireEntry(batches, playerOf(tuned, keys)), batchSize),
  ]);
  return tableOf(titles, rows, 0);
}

/** @param {readonly CaseResults[]} byCallers */
function callerTable(byCallers) {
  const titles = ["callers", `${ours}, a get`, `${tuned}, a get`, `${ours} ÷ it`, "middle half"];
  const rows = byCallers.map((results, index) => {
    const [own, theirs] = [requireEntry(results, usualOurs), requireEntry(results, usualTuned)];
    return [
      requireAt(callerCounts, index).toLocaleString("en"),
      cost(own),
      cost(theirs),
      ...spreadCells(ratiosOf("cpuMicros", own, theirs)),
    ];
  });
  return tableOf(titles, rows, 0);
}

/**
 * @param {CaseResults} gets
 * @param {CaseResults} batches
 * @param {readonly CaseResults[]} byCallers
 */
function goalsOf(gets, batches, byCallers) {
  const most = requireLast(keyCounts);
  const many = requireEntry(requireAt(byCallers, callerCounts.indexOf(256)), usualOurs);
  const growthByCallers = ratiosOf(
    "cpuMicros",
    requireEntry(requireLast(byCallers), usualOurs),
    many,
  );
  return [
    goalAtMost("a get: 1,000,000 keys ÷ 1,000", flat, median(growthByKeys(gets, most))),
    goalAtMost(
      "a key of getMany(100): 1,000,000 keys ÷ 1,000",
      flat,
      median(growthByKeys(batches, most)),
    ),
    goalAtMost("a get: 4,096 callers ÷ 256", flat, median(growthByCallers)),
  ];
}

/**
 * @param {CaseResults} results
 * @param {number} keys
 */
function growthByKeys(results, keys) {
  return ratiosOf(
    "cpuMicros",
    requireEntry(results, playerOf(ours, keys)),
    requireEntry(results, playerOf(ours, requireAt(keyCounts, 0))),
  );
}

/**
 * @param {readonly Figures[]} figures
 * @param {number} [per]
 */
function cost(figures, per = 1) {
  return (micros(figures) / per).toFixed(2);
}

/** @param {readonly Figures[]} figures */
function micros(figures) {
  return medianOf("cpuMicros", figures);
}

/** @param {(name: string) => Point[]} pointsOf */
function linesOf(pointsOf) {
  return [ours, tuned].map((name) => ({
    label: name,
    isOurs: name === ours,
    points: pointsOf(name),
  }));
}

/** @param {{ gets: CaseResults, byCallers: readonly CaseResults[], isQuick: boolean }} figures */
function chartsOf({ gets, byCallers, isQuick }) {
  return {
    "scale-keys.svg": lineChart({
      title: titleOf(`µs of CPU a get, by number of keys (${usual.callers} callers)`, { isQuick }),
      lines: linesOf((name) =>
        keyCounts.map((keys) => [keys, micros(requireEntry(gets, playerOf(name, keys)))]),
      ),
    }),
    "scale-callers.svg": lineChart({
      title: titleOf("µs of CPU a get, by number of callers", { isQuick }),
      lines: linesOf((name) =>
        callerCounts.map((callers, index) => [
          callers,
          micros(requireEntry(requireAt(byCallers, index), playerOf(name, usual.keys))),
        ]),
      ),
    }),
  };
}
