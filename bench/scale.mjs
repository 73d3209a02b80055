/** Question: does a read stay as cheap when there are more keys, and more callers? */
import { playBeats } from "./beats/play.mjs";
import { beatsOf } from "./beats/settings.mjs";
import { titleOf } from "./charts/frame.mjs";
import { lineChart } from "./charts/line-chart.mjs";
import { fillKeys } from "./support/filling.mjs";
import { median } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";
import { sessionOf } from "./support/values.mjs";

const ours = "cachewell";
const tuned = "node-redis, tuned";
const keyCounts = [1e3, 1e4, 1e5, 1e6];
const callerCounts = [1, 4, 16, 64, 256, 1_024, 4_096];
const usual = { keys: 1e4, callers: 128, callersOfMany: 16 };
const batchSize = 100;
/** What a cost may grow by from the first to the last, and still be called flat. */
const flat = 1.25;
/** What cachewell puts before a key by default; the peer reads the same keys. */
const storedPrefix = ":1:";

const everyPlace = keyCounts.flatMap((keys) => [playerOf(ours, keys), playerOf(tuned, keys)]);
const usualPlace = [playerOf(ours, usual.keys), playerOf(tuned, usual.keys)];
const cases = [
  { operation: "get at random", concurrency: usual.callers, contenders: everyPlace },
  { operation: "getMany(100) at random", concurrency: usual.callersOfMany, contenders: everyPlace },
  ...callerCounts.map((concurrency) => ({
    operation: "get at random",
    concurrency,
    contenders: usualPlace,
  })),
];

export async function run({ isQuick }) {
  const settings = beatsOf({ isQuick });
  const results = await onRedis(async (server) => {
    for (const [database, count] of keyCounts.entries()) {
      const text = JSON.stringify(sessionOf(count));
      await fillKeys(server, { database, keyPrefix: `${storedPrefix}session:`, count, text });
    }
    return playBeats(server, { cases, players: players(), prepare: [] }, settings);
  });
  const [gets, batches, ...byCallers] = results;
  return {
    title: "Scale",
    how:
      "µs of CPU in the client's process, keys asked for at random. By keys: one `get`, with " +
      `${usual.callers} callers, and one key of \`getMany(100)\`, with ${usual.callersOfMany}. By callers: one \`get\`, of ` +
      `${usual.keys.toLocaleString("en")} keys. ${settings.generations} × ${settings.beats} beats of ${settings.turnMs} ms a turn.`,
    tables: [keyTable(gets, batches), callerTable(byCallers)],
    goals: goalsOf(gets, batches, byCallers),
    charts: chartsOf({ gets, byCallers, isQuick }),
  };
}

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
    cost(gets[playerOf(ours, keys)]),
    ...spreadCells(growthByKeys(gets, keys)),
    cost(gets[playerOf(tuned, keys)]),
    cost(batches[playerOf(ours, keys)], batchSize),
    cost(batches[playerOf(tuned, keys)], batchSize),
  ]);
  return tableOf(titles, rows, 0);
}

function callerTable(byCallers) {
  const titles = ["callers", `${ours}, a get`, `${tuned}, a get`, `${ours} ÷ it`, "middle half"];
  const [own, theirs] = usualPlace;
  const rows = callerCounts.map((callers, index) => [
    callers.toLocaleString("en"),
    cost(byCallers[index][own]),
    cost(byCallers[index][theirs]),
    ...spreadCells(ratiosOf("cpuMicros", byCallers[index][own], byCallers[index][theirs])),
  ]);
  return tableOf(titles, rows, 0);
}

function goalsOf(gets, batches, byCallers) {
  const [most, own] = [keyCounts.at(-1), usualPlace[0]];
  const [many, all] = [callerCounts.indexOf(256), callerCounts.length - 1];
  const growthByCallers = ratiosOf("cpuMicros", byCallers[all][own], byCallers[many][own]);
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

function growthByKeys(results, keys) {
  return ratiosOf(
    "cpuMicros",
    results[playerOf(ours, keys)],
    results[playerOf(ours, keyCounts[0])],
  );
}

function cost(figures, per = 1) {
  return (micros(figures) / per).toFixed(2);
}

function micros(figures) {
  return medianOf("cpuMicros", figures);
}

function linesOf(pointsOf) {
  return [ours, tuned].map((name) => ({
    label: name,
    isOurs: name === ours,
    points: pointsOf(name),
  }));
}

function chartsOf({ gets, byCallers, isQuick }) {
  return {
    "scale-keys.svg": lineChart({
      title: titleOf(`µs of CPU a get, by number of keys (${usual.callers} callers)`, { isQuick }),
      lines: linesOf((name) => keyCounts.map((keys) => [keys, micros(gets[playerOf(name, keys)])])),
    }),
    "scale-callers.svg": lineChart({
      title: titleOf("µs of CPU a get, by number of callers", { isQuick }),
      lines: linesOf((name) =>
        callerCounts.map((callers, index) => [
          callers,
          micros(byCallers[index][playerOf(name, usual.keys)]),
        ]),
      ),
    }),
  };
}
