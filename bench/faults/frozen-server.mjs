/** Question: what becomes of callers, and of memory, while the server hangs? */
import { setTimeout as wait } from "node:timers/promises";
import { startRedisServer } from "../../dist/testing/index.js";
import { nowMs } from "../support/clock.mjs";
import { whole } from "./figures.mjs";
import * as records from "./records.mjs";
import { commandTimeoutMs, lateMs } from "./settings.mjs";
import { startWorker } from "./worker-process.mjs";

const warmUpMs = 3_000;
const recoveryMs = 3_000;
const graceMs = 30_000;
const answeredWithinMs = 30_000;

export const title = ({ freezeMs, frozenCallsPerSecond }) =>
  `SIGSTOP for ${freezeMs / 1_000} s, ${whole(frozenCallsPerSecond)} calls/s`;

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

export async function measure(contender, settings) {
  const server = await startRedisServer();
  const worker = startWorker("worker.mjs");
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

function noteOf({ errors, longestPauseMs }) {
  return { errors, longestPauseMs: Math.round(longestPauseMs) };
}
