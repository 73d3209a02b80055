/** Question: what happens to callers, and to memory, while the server hangs? */
import { setTimeout as wait } from "node:timers/promises";
import { startRedisServer } from "cachewell/testing";
import { nowMs } from "../support/clock.mjs";
import { startWorker } from "../support/worker-process.mjs";
import { whole } from "./figures.mjs";
import * as records from "./records.mjs";
import { commandTimeoutMs, lateMs } from "./settings.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultFigure } from "./figures.mjs" */
/** @import { CallRecords } from "./open-loop-load.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */
/** @import { LoadWorker } from "./worker.mjs" */

/** @typedef {{ fromMs: number, toMs: number, heapGrowthMB: number, heapPeakMB: number }} Freeze */

const warmUpMs = 3_000;
const recoveryMs = 3_000;
const graceMs = 30_000;
const answeredWithinMs = 30_000;

/** @param {FaultSettings} settings */
export const title = ({ freezeMs, frozenCallsPerSecond }) =>
  `SIGSTOP for ${freezeMs / 1_000} s, ${whole(frozenCallsPerSecond)} calls/s`;

/** @type {readonly FaultFigure[]} */
export const figures = [
  { key: "longestWaitMs", title: "longest wait", unit: "ms", atMost: commandTimeoutMs + lateMs },
  {
    key: "openAfterMs",
    title: "calls fail within 1 ms, from SIGSTOP",
    unit: "ms",
    atMost: 2 * commandTimeoutMs,
  },
  { key: "openWaitMs", title: "wait from then on, p99", unit: "ms", atMost: 1 },
  { key: "heapGrowthMB", title: "heap growth, collected", unit: "MB", atMost: 8 },
  { key: "heapPeakMB", title: "heap growth, at its peak", unit: "MB" },
  { key: "settled", title: "calls settled meanwhile", unit: "count" },
  { key: "answerMs", title: "first answer after SIGCONT", unit: "ms", atMost: 300 },
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
    await worker.ask("startLoad", { perSecond: settings.frozenCallsPerSecond });
    await wait(warmUpMs);
    const frozen = await freeze(server, worker, settings.freezeMs);
    const answeredAtMs = await worker.ask("firstAnswer", {
      fromMs: frozen.toMs,
      withinMs: answeredWithinMs,
    });
    await wait(recoveryMs);
    const recorded = await worker.ask("stopLoad", { graceMs });
    return { ...figuresOf(recorded, frozen), answerMs: answeredAtMs - frozen.toMs };
  } finally {
    await worker.stop();
    await server.stop();
  }
}

/**
 * @param {RedisServer} server
 * @param {LoadWorker} worker
 * @param {number} freezeMs
 * @returns {Promise<Freeze>}
 */
async function freeze(server, worker, freezeMs) {
  const before = await worker.ask("heap");
  const fromMs = nowMs();
  server.freeze();
  await wait(freezeMs);
  const after = await worker.ask("heap");
  const toMs = nowMs();
  server.thaw();
  return {
    fromMs,
    toMs,
    heapGrowthMB: (after.usedBytes - before.usedBytes) / 1e6,
    heapPeakMB: (after.mostBytes - before.usedBytes) / 1e6,
  };
}

/**
 * @param {CallRecords} recorded
 * @param {Freeze} freeze
 */
function figuresOf(recorded, { fromMs, toMs, heapGrowthMB, heapPeakMB }) {
  const { made, settled } = records.settledWithin(recorded, { fromMs, toMs });
  const openAtMs = records.failsAtOnceFrom(recorded, { fromMs, toMs });
  return {
    longestWaitMs: records.longestWait(recorded, fromMs),
    openAfterMs: openAtMs - fromMs,
    openWaitMs: records.waitQuantile(recorded, { fromMs: openAtMs, toMs }, 0.99),
    heapGrowthMB,
    heapPeakMB,
    settled: `${whole(settled)} of ${whole(made)}`,
    note: noteOf(recorded),
  };
}

/** @param {CallRecords} recorded */
function noteOf({ errors, longestPauseMs }) {
  return { errors, longestPauseMs: Math.round(longestPauseMs) };
}
