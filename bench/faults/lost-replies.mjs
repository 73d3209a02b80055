/** Question: does a client apply a write twice when the reply is lost? */
import { setTimeout as wait } from "node:timers/promises";
import { startFaultProxy, startRedisServer } from "cachewell/testing";
import { startWorker } from "../support/worker-process.mjs";
import { contenders } from "./contenders.mjs";
import { whole } from "./figures.mjs";
import { commandTimeoutMs } from "./settings.mjs";

/** @import { FaultProxy } from "cachewell/testing" */
/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultFigure } from "./figures.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */
/** @import { LoadWorker, Tally } from "./worker.mjs" */

const perRound = 10;
const key = "counter";
const withinMs = 10_000;
/** Longer than the timeout of a contender that bounds its calls. */
const silenceMs = commandTimeoutMs + 150;

/** @param {FaultSettings} settings */
export const title = ({ increments }) => `replies lost, ${whole(increments)} incr`;

/** @type {readonly FaultFigure[]} */
export const figures = [
  { key: "extra", title: "counter on the server above calls made", unit: "count", atMost: 0 },
  { key: "counter", title: "counter on the server", unit: "count" },
  { key: "answered", title: "calls answered", unit: "count" },
  { key: "silent", title: "failures that do not say maybeApplied", unit: "count", atMost: 0 },
  { key: "unsettled", title: "calls that never settled", unit: "count", atMost: 0 },
];

/**
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measure(contender, { increments }) {
  const server = await startRedisServer();
  const proxy = await startFaultProxy({ port: server.port });
  /** @type {LoadWorker} */
  const worker = startWorker(new URL("worker.mjs", import.meta.url));
  try {
    await worker.ask("open", { contender, url: proxy.url() });
    for (let round = 0; round < increments / perRound; round += 1) {
      await countWell(worker);
      await (round % 2 === 0 ? countIntoReset(worker, proxy) : countIntoSilence(worker, proxy));
    }
    const tally = await worker.ask("untilTallied", { withinMs });
    const counter = Number(await server.cli("GET", contenders[contender].storedKey(key)));
    return figuresOf(tally, counter);
  } finally {
    await worker.stop();
    await proxy.stop();
    await server.stop();
  }
}

/** @param {LoadWorker} worker */
async function countWell(worker) {
  await worker.ask("untilItAnswers", { withinMs });
  await worker.ask("count", { key, times: perRound / 2 });
  await worker.ask("untilTallied", { withinMs });
}

/**
 * The proxy resets the connection instead of passing the reply on.
 *
 * @param {LoadWorker} worker
 * @param {FaultProxy} proxy
 */
async function countIntoReset(worker, proxy) {
  const closedBefore = proxy.accepted - proxy.open;
  proxy.inject({ kind: "reset" });
  await worker.ask("count", { key, times: perRound / 2 });
  const untilMs = performance.now() + withinMs;
  while (proxy.accepted - proxy.open === closedBefore && performance.now() < untilMs) await wait(1);
  proxy.heal();
}

/**
 * The proxy swallows the reply, and resets the connection later, for contenders that still wait.
 *
 * @param {LoadWorker} worker
 * @param {FaultProxy} proxy
 */
async function countIntoSilence(worker, proxy) {
  proxy.inject({ kind: "half-open" });
  await worker.ask("count", { key, times: perRound / 2 });
  await wait(silenceMs);
  proxy.heal();
  proxy.disconnect();
}

/**
 * @param {Tally} tally
 * @param {number} counter
 */
function figuresOf({ made, answered, failed, saidMaybeApplied }, counter) {
  return {
    extra: Math.max(0, counter - made),
    counter,
    answered,
    silent: failed - saidMaybeApplied,
    unsettled: made - answered - failed,
    note: { made, answered, failed, saidMaybeApplied, counter },
  };
}
