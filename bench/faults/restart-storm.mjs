/** Question: do many clients storm a server that has restarted? */
import { setTimeout as wait } from "node:timers/promises";
import { startRedisServer } from "cachewell/testing";
import { nowMs } from "../support/clock.mjs";
import { requireAt, requireLast } from "../support/require.mjs";
import { startWorker } from "../support/worker-process.mjs";
import { whole } from "./figures.mjs";
import { ServerLine } from "./server-line.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { WorkerProcess } from "../support/worker-process.mjs" */
/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultFigure } from "./figures.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */

/** @typedef {WorkerProcess<typeof import("./fleet-worker.mjs").commands>} FleetWorker */
/** @typedef {{ atMs: number, count: number }} Sample how many connections the server had accepted */
/** @typedef {{ readyAtMs: number, answered: readonly number[], samples: readonly Sample[] }} Storm */

const warmUpMs = 3_000;
const noticedMs = 500;
const withinMs = 30_000;
const settleMs = 1_000;
const windowMs = 100;
const sampleEveryMs = 10;

/** @param {FaultSettings} settings */
export const title = ({ clients, stormDownMs }) =>
  `${whole(clients)} clients, server down for ${stormDownMs / 1_000} s`;

/** @type {readonly FaultFigure[]} */
export const figures = [
  { key: "perClient", title: "connections received, per client", unit: "ratio", atMost: 3 },
  { key: "peak", title: "most within 100 ms", unit: "count" },
  { key: "allMs", title: "every client has had an answer, from ready", unit: "ms" },
  { key: "unanswered", title: "clients without an answer after 30 s", unit: "count", atMost: 0 },
];

/**
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measure(contender, settings) {
  const server = await startRedisServer();
  const fleet = Array.from({ length: settings.stormProcesses }, newFleetWorker);
  try {
    const count = settings.clients / settings.stormProcesses;
    const url = server.url();
    await all(fleet, (worker) => worker.ask("open", { contender, url, count }));
    await all(fleet, (worker) => worker.ask("startCalls", { everyMs: settings.stormEveryMs }));
    await wait(warmUpMs);
    return figuresOf(await restart(server, fleet, settings.stormDownMs), settings);
  } finally {
    await Promise.all(fleet.map((worker) => worker.stop()));
    await server.stop();
  }
}

/** @returns {FleetWorker} */
function newFleetWorker() {
  return startWorker(new URL("fleet-worker.mjs", import.meta.url));
}

/**
 * @template T
 * @param {readonly FleetWorker[]} fleet
 * @param {(worker: FleetWorker) => Promise<T>} task
 */
function all(fleet, task) {
  return Promise.all(fleet.map(task));
}

/**
 * @param {RedisServer} server
 * @param {readonly FleetWorker[]} fleet
 * @param {number} downMs
 * @returns {Promise<Storm>}
 */
async function restart(server, fleet, downMs) {
  await server.kill();
  await wait(noticedMs);
  await all(fleet, (worker) => worker.ask("forgetAnswers"));
  await wait(downMs - noticedMs);
  const restarted = server.restart();
  const line = await ServerLine.whenReady(server.socketPath);
  const readyAtMs = nowMs();
  const over = new AbortController();
  const sampled = watchConnections(line, over.signal);
  const answered = await all(fleet, (worker) => worker.ask("untilAllAnswered", { withinMs }));
  await wait(settleMs);
  over.abort();
  const samples = await sampled;
  line.close();
  await restarted;
  return { readyAtMs, answered: answered.flat(), samples };
}

/**
 * Samples how many connections the server has accepted, until `signal` aborts.
 *
 * @param {ServerLine} line
 * @param {AbortSignal} signal
 */
async function watchConnections(line, signal) {
  /** @type {Sample[]} */
  const samples = [{ atMs: nowMs(), count: 0 }];
  while (!signal.aborted) {
    samples.push({ count: await line.connectionsReceived(), atMs: nowMs() });
    await wait(sampleEveryMs);
  }
  return samples;
}

/**
 * @param {Storm} storm
 * @param {FaultSettings} settings
 */
function figuresOf({ readyAtMs, answered, samples }, { clients }) {
  const received = requireLast(samples).count;
  return {
    perClient: received / clients,
    peak: peakOf(samples),
    allMs: Math.max(...answered) - readyAtMs,
    unanswered: clients - answered.length,
    note: { received, curve: curveOf(samples, readyAtMs) },
  };
}

/**
 * Returns the most connections within any window that begins or ends with a sample.
 *
 * @param {readonly Sample[]} samples
 */
function peakOf(samples) {
  const ends = samples.flatMap(({ atMs }) => [atMs, atMs + windowMs]);
  return Math.max(...ends.map((endMs) => countWithin(samples, endMs)));
}

/**
 * Returns the connections in each of the first windows, one after the other.
 *
 * @param {readonly Sample[]} samples
 * @param {number} readyAtMs
 */
function curveOf(samples, readyAtMs) {
  return Array.from({ length: 12 }, (_none, nth) =>
    Math.round(countWithin(samples, readyAtMs + (nth + 1) * windowMs)),
  );
}

/**
 * @param {readonly Sample[]} samples
 * @param {number} endMs
 */
function countWithin(samples, endMs) {
  return countAt(samples, endMs) - countAt(samples, endMs - windowMs);
}

/**
 * Returns the count at a moment, interpolated between two samples.
 *
 * @param {readonly Sample[]} samples
 * @param {number} atMs
 */
function countAt(samples, atMs) {
  const next = samples.findIndex((sample) => sample.atMs >= atMs);
  if (next < 0) return requireLast(samples).count;
  if (next === 0) return 0;
  const [before, after] = [requireAt(samples, next - 1), requireAt(samples, next)];
  const share = (atMs - before.atMs) / (after.atMs - before.atMs);
  return before.count + share * (after.count - before.count);
}
