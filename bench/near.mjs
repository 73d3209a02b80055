/**
 * Question: what does a value cost that this process already holds, how soon does it learn of another
 * client's change, is a read stale after it, and what do invalidations cost the server?
 */
import { playBeats } from "./beats/play.mjs";
import { beatsOf } from "./beats/settings.mjs";
import { measureInvalidation } from "./near/invalidation.mjs";
import { measureTracking } from "./near/tracking-modes.mjs";
import { appCore, pin } from "./support/cores.mjs";
import { median, quantile } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";
import { requireAt, requireEntry } from "./support/require.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { CaseResults } from "./beats/play.mjs" */
/** @import { BeatSettings } from "./beats/settings.mjs" */
/** @import { ReaderWorker, Waits } from "./near/invalidation.mjs" */
/** @import { NearContender } from "./near/readers.mjs" */
/** @import { TrackingCost } from "./near/tracking-modes.mjs" */
/** @import { BenchOptions, Report } from "./support/report.mjs" */

/** @typedef {BeatSettings & typeof full} NearSettings */
/** @typedef {"staleAfterWrites" | "staleAfterFlushes" | "staleAfterKills"} RaceCommand */
/** @typedef {number | "failed"} StaleReads */
/** @typedef {{ race: string, times: number, stale: Record<NearContender, StaleReads> }} RaceResult */
import { startWorker } from "./support/worker-process.mjs";

const ours = "cachewell, near";
const nodeRedis = "node-redis, clientSideCache";
const bentocache = "bentocache, memory";
const names = [ours, nodeRedis, bentocache, "a Map"];
const keyCount = 1_000;
const full = { writes: 100_000, flushes: 1_000, kills: 200, changes: 3_000, rounds: 7 };
const quick = { writes: 5_000, flushes: 100, kills: 10, changes: 200, rounds: 2 };

/**
 * @param {BenchOptions} options
 * @returns {Promise<Report>}
 */
export async function run({ isQuick }) {
  const settings = { ...beatsOf({ isQuick }), ...(isQuick ? quick : full) };
  const hits = await onRedis((server) => playHits(server, settings));
  const waits = await onRedis((server) => measureInvalidation(server, settings));
  const races = await onRedis((server) => runRaces(server, settings));
  const modes = await onRedis((server) => measureTracking(server, settings));
  return {
    title: "The near cache",
    how: describe(settings),
    tables: [hitTable(hits), waitTable(waits), raceTable(races), modeTable(modes)],
    goals: goalsOf({ hits, waits, races }),
  };
}

/**
 * @param {RedisServer} server
 * @param {NearSettings} settings
 */
async function playHits(server, settings) {
  const player = { keyCount, keyPrefix: "" };
  const players = Object.fromEntries(
    names.map((contender, database) => [contender, { ...player, contender, database }]),
  );
  const cases = [{ operation: "hit", concurrency: 1, contenders: names }];
  const results = await playBeats(
    server,
    { cases, players, prepare: ["fill", "touch", "touch"] },
    settings,
  );
  return requireAt(results, 0);
}

/**
 * Returns of each race how many reads were stale, by contender.
 *
 * @param {RedisServer} server
 * @param {NearSettings} settings
 */
async function runRaces(server, { writes, flushes, kills }) {
  return [
    await runRace(server, "random writes", { command: "staleAfterWrites", times: writes }),
    await runRace(server, "FLUSHALL", { command: "staleAfterFlushes", times: flushes }),
    await runRace(server, "CLIENT KILL", { command: "staleAfterKills", times: kills }),
  ];
}

/**
 * @param {RedisServer} server
 * @param {string} race
 * @param {{ command: RaceCommand, times: number }} order
 * @returns {Promise<RaceResult>}
 */
async function runRace(server, race, order) {
  const cachewell = await countStale(server, "cachewell", order);
  const stale = { cachewell, "node-redis": await countStale(server, "node-redis", order) };
  return { race, times: order.times, stale };
}

/**
 * @param {RedisServer} server
 * @param {NearContender} contender
 * @param {{ command: RaceCommand, times: number }} order
 * @returns {Promise<StaleReads>}
 */
async function countStale(server, contender, { command, times }) {
  /** @type {ReaderWorker} */
  const reader = startWorker(new URL("near/reader.mjs", import.meta.url));
  pin(reader.pid, appCore);
  try {
    await reader.ask("open", { contender, url: server.url() });
    return await reader.ask(command, times);
  } catch (error) {
    console.error(`${contender}: ${command} failed`, error);
    return "failed";
  } finally {
    await reader.stop();
  }
}

/** @param {NearSettings} settings */
function describe({ generations, beats, turnMs, changes }) {
  return [
    `A hit is an awaited \`get\` of one of ${keyCount.toLocaleString("en")} keys that the process holds; a \`Map\`, awaited, is ` +
      `the limit. ${generations} × ${beats} beats of ${turnMs} ms a turn.`,
    "A change is known once the reader has dropped the value: from the reply that another connection got to its " +
      "write, to the reader's `stats().near.invalidations`, which it checks without a pause. That other connection " +
      "sends PINGs between the changes. Both connections belong to one process, which has a core, as the server has: " +
      "a writer with a process of its own would share one of them. " +
      `${changes.toLocaleString("en")} of each.`,
    "A read is stale if it returns an old value behind a fence: a key that the reader held, that the other client " +
      "changed after everything else, and whose change the reader has seen. Reads of the same keys are under way " +
      "during writes and flushes; the connection that is killed is the one that carries invalidations.",
    "Bare clients, each of which reads 10,000 keys, show what invalidations cost: µs of the server's CPU, and its " +
      "memory.",
  ].join("\n\n");
}

/** @param {CaseResults} hits */
function hitTable(hits) {
  const rows = names.map((name) => hitRow(name, hits));
  return tableOf(["a hit", "µs CPU", `${ours} ÷ it`, "middle half"], rows, 1);
}

/**
 * @param {string} name
 * @param {CaseResults} hits
 */
function hitRow(name, hits) {
  return [
    name,
    medianOf("cpuMicros", requireEntry(hits, name)).toFixed(3),
    ...(name === ours ? ["–", "–"] : spreadCells(costOver(name, hits))),
  ];
}

/**
 * @param {string} name
 * @param {CaseResults} hits
 */
function costOver(name, hits) {
  return ratiosOf("cpuMicros", requireEntry(hits, ours), requireEntry(hits, name));
}

/** @param {Waits} waits */
function waitTable({ drops, sinceSent, pings }) {
  const rows = [
    ["a change is known, from the reply to it", ...waitCells(drops)],
    ["a change is known, from when it was sent", ...waitCells(sinceSent)],
    ["a PING", ...waitCells(pings)],
  ];
  return tableOf(["ms", "p50", "p99", "longest"], rows, 1);
}

/** @param {readonly number[]} waits */
function waitCells(waits) {
  return [0.5, 0.99, 1].map((share) => quantile(waits, share).toFixed(3));
}

/** @param {readonly RaceResult[]} races */
function raceTable(races) {
  const rows = races.map(({ race, times, stale }) => [
    race,
    times.toLocaleString("en"),
    stale.cachewell,
    stale["node-redis"],
  ]);
  const titles = ["changed by", "times", "stale reads, cachewell", "node-redis, clientSideCache"];
  return tableOf(titles, rows, 1);
}

/** @param {readonly TrackingCost[]} modes */
function modeTable(modes) {
  const titles = [
    "invalidations",
    "clients",
    "µs a read",
    "µs a write, all have read it",
    "µs a write, none has",
    "bytes a key that all have read",
  ];
  const rows = modes.map(({ mode, clients, figures }) => [
    mode,
    clients,
    figures.readMicros.toFixed(2),
    figures.heldMicros.toFixed(2),
    figures.unheldMicros.toFixed(2),
    Math.max(0, Math.round(figures.bytesPerKey)), // buffers come and go, too
  ]);
  return tableOf(titles, rows, 1);
}

/** @param {{ hits: CaseResults, waits: Waits, races: readonly RaceResult[] }} results */
function goalsOf({ hits, waits, races }) {
  const ratioTo = (/** @type {string} */ name) => median(costOver(name, hits));
  return [
    goalAtMost("a hit, µs of CPU", 0.4, medianOf("cpuMicros", requireEntry(hits, ours))),
    goalAtMost("a hit: cachewell ÷ node-redis, clientSideCache", 0.25, ratioTo(nodeRedis)),
    goalAtMost("a hit: cachewell ÷ bentocache, memory", 0.5, ratioTo(bentocache)),
    goalAtMost(
      "a change is known, p99 ÷ p99 of a PING",
      1,
      quantile(waits.drops, 0.99) / quantile(waits.pings, 0.99),
    ),
    ...races.map(({ race, times, stale }) =>
      goalAtMost(
        `stale reads after ${times.toLocaleString("en")} × ${race}`,
        0,
        Number(stale.cachewell), // NaN where it failed
        String,
      ),
    ),
  ];
}
