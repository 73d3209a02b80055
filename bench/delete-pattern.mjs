/**
 * Question: how long does it take to remove a million keys by pattern, beside redis-cli in a shell
 * pipeline, how much memory does it take, and what do other clients notice meanwhile?
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { appCore, canPin, otherCore, pin } from "./support/cores.mjs";
import { fillKeys } from "./support/filling.mjs";
import { median, quantile } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";
import { requireEntry } from "./support/require.mjs";
import { sessionOf } from "./support/values.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */
/** @import { WorkerProcess } from "./support/worker-process.mjs" */

/** @typedef {WorkerProcess<typeof import("./deleting/remover.mjs").commands>} Remover */
/** @typedef {WorkerProcess<typeof import("./support/pinger.mjs").commands>} Pinger */
/** @typedef {{ removed: number, tookMs: number, heapMegabytes: number }} Removal NaN for the heap of redis-cli */
/** @typedef {Removal & { pings: readonly number[] }} Turn */
/** @typedef {Record<string, Turn[]>} Turns by contender */
/** @typedef {{ server: RedisServer, removers: ReadonlyMap<string, Remover>, pinger: Pinger, count: number }} Place */
import { startWorker } from "./support/worker-process.mjs";

const runFile = promisify(execFile);
const ours = "cachewell";
const byHand = "node-redis, by hand";
const shell = "redis-cli";
const names = [ours, byHand, shell];
const storedPrefix = ":1:gone:";

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const [count, beats] = isQuick ? [100_000, 3] : [1_000_000, 7];
  const turns = await onRedis((server) => playAll(server, { count, beats }));
  const [own, theirs] = [requireEntry(turns, ours), requireEntry(turns, shell)];
  return {
    title: "Removing by pattern",
    how:
      `\`deletePattern("gone:*")\` over ${count.toLocaleString("en")} keys, beside node-redis with a loop of \`SCAN\`, a ` +
      `thousand keys a step, and \`UNLINK\`, and beside \`${shellLine("redis-cli", await scanOptions())}\`, ` +
      "where redis-cli scans ten keys a step unless its version has `--count`. Each turn starts with a filled " +
      "server. Samples of the heap, every 10 ms, include garbage. Another client pings every 2 ms. " +
      `Medians of ${beats} beats; quantiles of all pings.`,
    tables: [turnTable(turns)],
    goals: [
      goalAtMost("time: cachewell ÷ redis-cli", 1.2, median(ratiosOf("tookMs", own, theirs))),
      goalAtMost("growth of the heap, MB", 40, medianOf("heapMegabytes", own)),
      goalAtMost("PING of another client meanwhile, p99, ms", 20, pingAt(0.99, own)),
    ],
  };
}

/**
 * @param {RedisServer} server
 * @param {{ count: number, beats: number }} settings
 */
async function playAll(server, { count, beats }) {
  /** @type {Pinger} */
  const pinger = startWorker(new URL("support/pinger.mjs", import.meta.url));
  const removers = new Map(
    [ours, byHand].map((name) => /** @type {const} */ ([name, newRemover()])),
  );
  try {
    pin(server.pid, otherCore);
    await pinger.ask("open", { url: server.url() });
    for (const [contender, remover] of removers)
      await remover.ask("open", { contender, url: server.url() });
    return await playBeats({ server, removers, pinger, count }, beats);
  } finally {
    for (const worker of [pinger, ...removers.values()]) await worker.stop();
  }
}

function newRemover() {
  /** @type {Remover} */
  const remover = startWorker(new URL("deleting/remover.mjs", import.meta.url));
  pin(remover.pid, appCore);
  return remover;
}

/**
 * @param {Place} place
 * @param {number} beats
 */
async function playBeats(place, beats) {
  /** @type {Turns} */
  const turns = Object.fromEntries(names.map((name) => [name, []]));
  for (let beat = 0; beat < beats; beat += 1) {
    for (const name of beat % 2 === 0 ? names : names.toReversed())
      requireEntry(turns, name).push(await playTurn(place, name));
  }
  return turns;
}

/**
 * @param {Place} place
 * @param {string} name
 * @returns {Promise<Turn>}
 */
async function playTurn({ server, removers, pinger, count }, name) {
  const text = JSON.stringify(sessionOf(count));
  await fillKeys(server, { database: 0, keyPrefix: storedPrefix, count, text });
  await pinger.ask("start");
  const figures = await (removers.get(name)?.ask("remove", { pattern: "gone:*" }) ??
    removeByShell(server));
  const pings = await pinger.ask("stop");
  if (figures.removed !== count)
    throw new Error(`${figures.removed} of ${count} keys went by ${name}.`);
  return { ...figures, pings };
}

/**
 * @param {RedisServer} server
 * @returns {Promise<Removal>}
 */
async function removeByShell(server) {
  const line = shellLine(`redis-cli -s '${server.socketPath}'`, await scanOptions());
  const before = Number(await server.cli("DBSIZE"));
  const [command, pinning] = canPin ? ["taskset", ["-c", `${appCore}`, "sh"]] : ["sh", []];
  const startedAt = performance.now();
  await runFile(command, [...pinning, "-c", line], { maxBuffer: 2 ** 26 });
  const tookMs = performance.now() - startedAt;
  const removed = before - Number(await server.cli("DBSIZE"));
  return { removed, tookMs, heapMegabytes: Number.NaN };
}

/**
 * @param {string} cli
 * @param {string} options
 */
function shellLine(cli, options) {
  return `${cli} --scan --pattern '${storedPrefix}*'${options} | xargs -L 1000 ${cli} UNLINK`;
}

/** Later versions of redis-cli have an option for the number of keys per step. */
async function scanOptions() {
  const { stdout, stderr } = await runFile("redis-cli", ["--help"]);
  return /--count/.test(stdout + stderr) ? " --count 1000" : "";
}

/** @param {Turns} turns */
function turnTable(turns) {
  const titles = [
    "removed by",
    "s",
    `${ours} ÷ it`,
    "middle half",
    "heap, MB",
    "PING p50, ms",
    "p99",
    "longest",
  ];
  const rows = names.map((name) => turnRow(turns, name));
  return tableOf(titles, rows, 1);
}

/**
 * @param {Turns} turns
 * @param {string} name
 */
function turnRow(turns, name) {
  const [own, its] = [requireEntry(turns, ours), requireEntry(turns, name)];
  return [
    name,
    (medianOf("tookMs", its) / 1_000).toFixed(2),
    ...(name === ours ? ["–", "–"] : spreadCells(ratiosOf("tookMs", own, its))),
    name === shell ? "–" : medianOf("heapMegabytes", its).toFixed(1),
    ...[0.5, 0.99, 1].map((share) => pingAt(share, its).toFixed(2)),
  ];
}

/**
 * @param {number} share
 * @param {readonly Turn[]} turns
 */
function pingAt(share, turns) {
  return quantile(
    turns.flatMap(({ pings }) => pings),
    share,
  );
}
