/** Question: is anything done twice when the answer to it is lost? */
import { setTimeout as wait } from "node:timers/promises";
import { startFaultProxy, startRedisServer } from "../../dist/testing/index.js";
import { contenders } from "./contenders.mjs";
import { whole } from "./figures.mjs";
import { commandTimeoutMs } from "./settings.mjs";
import { startWorker } from "./worker-process.mjs";

const perRound = 10;
const key = "counter";
const withinMs = 10_000;
/** Long enough for a contender that bounds its calls to have given up by itself. */
const silenceMs = commandTimeoutMs + 150;

export const title = ({ increments }) => `replies lost, ${whole(increments)} incr`;

export const figures = [
  { key: "extra", title: "counter on the server above calls made", unit: "count", atMost: 0 },
  { key: "counter", title: "counter on the server", unit: "count" },
  { key: "answered", title: "calls answered", unit: "count" },
  { key: "silent", title: "failures that do not say maybeApplied", unit: "count", atMost: 0 },
  { key: "unsettled", title: "calls that never settled", unit: "count", atMost: 0 },
];

export async function measure(contender, { increments }) {
  const server = await startRedisServer();
  const proxy = await startFaultProxy({ port: server.port });
  const worker = startWorker("worker.mjs");
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

async function countWell(worker) {
  await worker.ask("untilItAnswers", { withinMs });
  await worker.ask("count", { key, times: perRound / 2 });
  await worker.ask("untilTallied", { withinMs });
}

/** The connection is reset in place of the answer. */
async function countIntoReset(worker, proxy) {
  const closedBefore = proxy.accepted - proxy.open;
  proxy.inject({ kind: "reset" });
  await worker.ask("count", { key, times: perRound / 2 });
  const untilMs = performance.now() + withinMs;
  while (proxy.accepted - proxy.open === closedBefore && performance.now() < untilMs) await wait(1);
  proxy.heal();
}

/** The answer just does not come; the connection is reset later, for those who wait on. */
async function countIntoSilence(worker, proxy) {
  proxy.inject({ kind: "half-open" });
  await worker.ask("count", { key, times: perRound / 2 });
  await wait(silenceMs);
  proxy.heal();
  proxy.disconnect();
}

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
