/**
 * Question: what does a value cost that this process holds already, how soon is a change by another
 * client known, is anything stale after it, and what does it cost the server to tell of changes?
 */
import { playBeats } from "./beats/play.mjs";
import { beatsOf } from "./beats/settings.mjs";
import { startWorker } from "./faults/worker-process.mjs";
import { measureInvalidation } from "./near/invalidation.mjs";
import { readers } from "./near/readers.mjs";
import { measureTracking } from "./near/tracking-modes.mjs";
import { appCore, pin } from "./sessions/cores.mjs";
import { median, quantile } from "./support/measure.mjs";
import { onRedis } from "./support/on-redis.mjs";
import { goalAtMost, medianOf, ratiosOf, spreadCells, tableOf } from "./support/report.mjs";

const ours = "cachewell, near";
const names = [ours, "node-redis, clientSideCache", "bentocache, memory", "a Map"];
const keyCount = 1_000;
const full = { writes: 100_000, flushes: 1_000, kills: 200, changes: 3_000, rounds: 7 };
const quick = { writes: 5_000, flushes: 100, kills: 10, changes: 200, rounds: 2 };

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

async function playHits(server, settings) {
  const player = { keyCount, keyPrefix: "" };
  const players = names.map((contender, database) => [
    contender,
    { ...player, contender, database },
  ]);
  const cases = [{ operation: "hit", concurrency: 1, contenders: names }];
  const prepare = ["fill", "touch", "touch"];
  const plan = { cases, players: Object.fromEntries(players), prepare };
  const [hits] = await playBeats(server, plan, settings);
  return hits;
}

/** Returns of each race how many reads were stale, by contender. */
async function runRaces(server, { writes, flushes, kills }) {
  const races = [
    { race: "random writes", times: writes, command: "staleAfterWrites", stale: {} },
    { race: "FLUSHALL", times: flushes, command: "staleAfterFlushes", stale: {} },
    { race: "CLIENT KILL", times: kills, command: "staleAfterKills", stale: {} },
  ];
  for (const contender of Object.keys(readers)) {
    for (const one of races) one.stale[contender] = await runRace(server, contender, one);
  }
  return races;
}

async function runRace(server, contender, { command, times }) {
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

function describe({ generations, beats, turnMs, changes }) {
  return [
    `A hit is an awaited \`get\` of one of ${keyCount.toLocaleString("en")} keys that the process holds; a \`Map\`, awaited, is ` +
      `the limit. ${generations} × ${beats} beats of ${turnMs} ms a turn.`,
    "A change is known once the reader has dropped the value: from the reply that another connection got to its " +
      "write, to the reader's `stats().near.invalidations`, at which it looks all the time. PINGs go by that other " +
      "connection, between the changes. Both are of one process, which has a core, as the server has: a writer with a " +
      "process of its own would take turns with one of them. " +
      `${changes.toLocaleString("en")} of each.`,
    "Stale is what is read behind a fence: a key that was held, changed by the other client after everything " +
      "else, and seen to have changed. Reads of the same keys are under way while the others are written and " +
      "flushed; what is killed is the connection that tells of changes.",
    "What telling costs is measured with bare clients, each of which reads 10,000 keys: µs of the server's CPU, " +
      "and its memory.",
  ].join("\n\n");
}

function hitTable(hits) {
  const rows = names.map((name) => [
    name,
    medianOf("cpuMicros", hits[name]).toFixed(3),
    ...(name === ours ? ["–", "–"] : spreadCells(ratiosOf("cpuMicros", hits[ours], hits[name]))),
  ]);
  return tableOf(["a hit", "µs CPU", `${ours} ÷ it`, "middle half"], rows, 1);
}

function waitTable({ drops, sinceSent, pings }) {
  const rows = [
    ["a change is known, from the reply to it", ...waitCells(drops)],
    ["a change is known, from when it was sent", ...waitCells(sinceSent)],
    ["a PING", ...waitCells(pings)],
  ];
  return tableOf(["ms", "p50", "p99", "longest"], rows, 1);
}

function waitCells(waits) {
  return [0.5, 0.99, 1].map((share) => quantile(waits, share).toFixed(3));
}

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

function modeTable(modes) {
  const titles = [
    "told of changes",
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

function goalsOf({ hits, waits, races }) {
  const ratioTo = (name) => median(ratiosOf("cpuMicros", hits[ours], hits[name]));
  return [
    goalAtMost("a hit, µs of CPU", 0.4, medianOf("cpuMicros", hits[ours])),
    goalAtMost("a hit: cachewell ÷ node-redis, clientSideCache", 0.25, ratioTo(names[1])),
    goalAtMost("a hit: cachewell ÷ bentocache, memory", 0.5, ratioTo(names[2])),
    goalAtMost(
      "a change is known, p99 ÷ p99 of a PING",
      1,
      quantile(waits.drops, 0.99) / quantile(waits.pings, 0.99),
    ),
    ...races.map(({ race, times, stale }) =>
      goalAtMost(
        `stale reads after ${times.toLocaleString("en")} × ${race}`,
        0,
        stale.cachewell,
        String,
      ),
    ),
  ];
}
