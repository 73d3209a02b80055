/** How a link that swallows everything is measured, whatever it is that makes it do so. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import * as records from "./records.mjs";
import { startWorker } from "./worker-process.mjs";

const warmUpMs = 2_000;
const settleMs = 1_500;
const pollEveryMs = 5;
const graceMs = 2_000;

export const figures = [
  { key: "goneMs", title: "the stuck socket is gone", unit: "ms", atMost: 1_300 },
  { key: "times", title: "first answer after the link is healed: times", unit: "count" },
  { key: "answerMs", title: "… the longest", unit: "ms", atMost: 1_000 },
  { key: "longestWaitMs", title: "longest wait", unit: "ms" },
  { key: "connections", title: "connections open at the end", unit: "count", atMost: 1 },
  { key: "unsettled", title: "calls that never settled", unit: "count", atMost: 0 },
];

/**
 * Measures a contender over a link: its `url`, what cuts and heals it, how many connections there
 * are, and `stuckSocket`, which is called before a cut and returns what tells whether the socket of
 * then is gone.
 */
export async function measureLink(link, contender, settings) {
  const worker = startWorker("worker.mjs");
  try {
    await worker.ask("open", { contender, url: link.url });
    await worker.ask("startLoad", { perSecond: settings.callsPerSecond });
    await wait(warmUpMs);
    const fromMs = nowMs();
    const cuts = await cutOften({ link, worker, contender, settings });
    const recorded = await worker.ask("stopLoad", { graceMs });
    return { ...figuresOf(recorded, fromMs, cuts), connections: await link.connections() };
  } finally {
    await worker.stop();
  }
}

async function cutOften({ link, worker, contender, settings }) {
  const { blackholeMs, shortBlackholeMs, healedWithinMs } = settings;
  const cuts = [await cut(link, worker, { cutMs: blackholeMs, healedWithinMs })];
  for (let time = 0; time < settings.shortBlackholes(contender); time += 1) {
    await wait(settleMs);
    const cutMs = shortBlackholeMs + Math.random() * 1_000;
    cuts.push(await cut(link, worker, { cutMs, healedWithinMs }));
  }
  return cuts;
}

async function cut(link, worker, { cutMs, healedWithinMs }) {
  const isGone = await link.stuckSocket();
  const cutAtMs = nowMs();
  await link.cut();
  const watch = new AbortController();
  const gone = goneAt(isGone, watch.signal);
  await wait(cutMs);
  await link.heal();
  const healedAtMs = nowMs();
  const answeredAtMs = await worker.ask("firstAnswer", {
    fromMs: healedAtMs,
    withinMs: healedWithinMs,
  });
  watch.abort();
  return {
    goneMs: (await gone) - cutAtMs,
    answerMs: answeredAtMs - healedAtMs,
  };
}

/** Returns when a socket was gone, `Infinity` when it was not before `signal` aborts. */
async function goneAt(isGone, signal) {
  while (!signal.aborted) {
    if (await isGone()) return nowMs();
    await wait(pollEveryMs);
  }
  return Infinity;
}

function figuresOf(recorded, fromMs, cuts) {
  return {
    goneMs: Math.max(...cuts.map((one) => one.goneMs)),
    times: cuts.length,
    answerMs: Math.max(...cuts.map((one) => one.answerMs)),
    longestWaitMs: records.longestWait(recorded, fromMs),
    unsettled: records.unsettled(recorded),
    note: {
      errors: recorded.errors,
      longestPauseMs: Math.round(recorded.longestPauseMs),
      cuts: cuts.map(({ goneMs, answerMs }) => [Math.round(goneMs), Math.round(answerMs)]),
    },
  };
}
