/** Question: how long do callers wait while the server is down, and how soon do they reconnect? */
import { setTimeout as wait } from "node:timers/promises";
import { startRedisServer } from "cachewell/testing";
import { nowMs } from "../support/clock.mjs";
import { startWorker } from "../support/worker-process.mjs";
import * as records from "./records.mjs";
import { ServerLine } from "./server-line.mjs";
import { commandTimeoutMs, lateMs } from "./settings.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultFigure } from "./figures.mjs" */
/** @import { CallRecords } from "./open-loop-load.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */
/** @import { LoadWorker } from "./worker.mjs" */

const warmUpMs = 2_000;
const settleMs = 1_000;
const graceMs = 15_000;
const answeredWithinMs = 30_000;
/** Spreads the moment of the restart over the pause between two attempts. */
const spreadMs = 400;

/** @param {FaultSettings} settings */
export const title = ({ downMs, callsPerSecond }) =>
  `kill -9, ${downMs / 1_000} s down, restart, ${callsPerSecond} calls/s`;

/** @type {readonly FaultFigure[]} */
export const figures = [
  { key: "longestWaitMs", title: "longest wait", unit: "ms", atMost: commandTimeoutMs + lateMs },
  { key: "answerMs", title: "first answer after the server is ready", unit: "ms" },
  { key: "times", title: "the same after 2.0 to 2.4 s down: restarts", unit: "count" },
  { key: "medianMs", title: "… median", unit: "ms" },
  { key: "p95Ms", title: "… p95", unit: "ms", atMost: 500 },
  { key: "unsettled", title: "calls that never settled", unit: "count", atMost: 0 },
];

/**
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measure(contender, settings) {
  const server = await startRedisServer();
  /** @type {LoadWorker} */
  const worker = startWorker(new URL("worker.mjs", import.meta.url));
  try {
    await worker.ask("open", { contender, url: server.url() });
    await worker.ask("startLoad", { perSecond: settings.callsPerSecond });
    await wait(warmUpMs);
    const fromMs = nowMs();
    const answerMs = await restart(server, worker, settings.downMs);
    const answersMs = await restartOften(server, worker, {
      times: settings.restarts(contender),
      downMs: settings.shortDownMs,
    });
    const recorded = await worker.ask("stopLoad", { graceMs });
    return { ...figuresOf(recorded, fromMs, answersMs), answerMs };
  } finally {
    await worker.stop();
    await server.stop();
  }
}

/**
 * @param {RedisServer} server
 * @param {LoadWorker} worker
 * @param {{ times: number, downMs: number }} plan
 */
async function restartOften(server, worker, { times, downMs }) {
  /** @type {number[]} */
  const answersMs = [];
  for (let time = 0; time < times; time += 1) {
    answersMs.push(await restart(server, worker, downMs + Math.random() * spreadMs));
  }
  return answersMs;
}

/**
 * Returns how long after the server is ready a call gets its answer.
 *
 * @param {RedisServer} server
 * @param {LoadWorker} worker
 * @param {number} downMs
 */
async function restart(server, worker, downMs) {
  await server.kill();
  await wait(downMs);
  const restarted = server.restart();
  const line = await ServerLine.whenReady(server.socketPath);
  const fromMs = nowMs();
  const answeredAtMs = await worker.ask("firstAnswer", { fromMs, withinMs: answeredWithinMs });
  line.close();
  await restarted;
  await wait(settleMs);
  return answeredAtMs - fromMs;
}

/**
 * @param {CallRecords} recorded
 * @param {number} fromMs
 * @param {readonly number[]} answersMs
 */
function figuresOf(recorded, fromMs, answersMs) {
  return {
    longestWaitMs: records.longestWait(recorded, fromMs),
    times: answersMs.length,
    medianMs: records.quantile(answersMs, 0.5),
    p95Ms: records.quantile(answersMs, 0.95),
    unsettled: records.unsettled(recorded),
    note: {
      errors: recorded.errors,
      longestPauseMs: Math.round(recorded.longestPauseMs),
      answersMs: answersMs.map(Math.round),
    },
  };
}
