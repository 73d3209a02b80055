/** Measures contenders over a link that drops all packets, whatever makes it do so. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import { startWorker } from "../support/worker-process.mjs";
import * as records from "./records.mjs";

/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultFigure } from "./figures.mjs" */
/** @import { CallRecords } from "./open-loop-load.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */
/** @import { LoadWorker } from "./worker.mjs" */

/**
 * A link to a server, which can be cut and healed.
 *
 * @typedef {object} Link
 * @property {string} url where the server is behind it
 * @property {() => unknown} cut drops all packets from now on
 * @property {() => unknown} heal passes packets on again
 * @property {() => number | Promise<number>} connections how many are open
 * @property {() => GoneCheck | Promise<GoneCheck>} stuckSocket called before a cut: returns a check of whether the socket of then is gone
 */

/** @typedef {() => boolean | Promise<boolean>} GoneCheck */
/** @typedef {{ goneMs: number, answerMs: number }} Cut */

const warmUpMs = 2_000;
const settleMs = 1_500;
const pollEveryMs = 5;
const graceMs = 2_000;

/** @type {readonly FaultFigure[]} */
export const figures = [
  { key: "goneMs", title: "the stuck socket is gone", unit: "ms", atMost: 1_300 },
  { key: "times", title: "first answer after the link is healed: times", unit: "count" },
  { key: "answerMs", title: "… the longest", unit: "ms", atMost: 1_000 },
  { key: "longestWaitMs", title: "longest wait", unit: "ms" },
  { key: "connections", title: "connections open at the end", unit: "count", atMost: 1 },
  { key: "unsettled", title: "calls that never settled", unit: "count", atMost: 0 },
];

/**
 * Measures a contender over a link.
 *
 * @param {Link} link
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measureLink(link, contender, settings) {
  /** @type {LoadWorker} */
  const worker = startWorker(new URL("worker.mjs", import.meta.url));
  try {
    await worker.ask("open", { contender, url: link.url });
    await worker.ask("startLoad", { perSecond: settings.callsPerSecond });
    await wait(warmUpMs);
    const fromMs = nowMs();
    const cuts = await cutOften(link, worker, {
      ...settings,
      times: settings.shortBlackholes(contender),
    });
    const recorded = await worker.ask("stopLoad", { graceMs });
    return { ...figuresOf(recorded, fromMs, cuts), connections: await link.connections() };
  } finally {
    await worker.stop();
  }
}

/**
 * Cuts the link for long once, and then for short `times`.
 *
 * @param {Link} link
 * @param {LoadWorker} worker
 * @param {FaultSettings & { times: number }} plan
 */
async function cutOften(link, worker, { times, blackholeMs, shortBlackholeMs, healedWithinMs }) {
  const cuts = [await cut(link, worker, { cutMs: blackholeMs, healedWithinMs })];
  for (let time = 0; time < times; time += 1) {
    await wait(settleMs);
    const cutMs = shortBlackholeMs + Math.random() * 1_000;
    cuts.push(await cut(link, worker, { cutMs, healedWithinMs }));
  }
  return cuts;
}

/**
 * @param {Link} link
 * @param {LoadWorker} worker
 * @param {{ cutMs: number, healedWithinMs: number }} plan
 * @returns {Promise<Cut>}
 */
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

/**
 * Resolves with the moment at which a socket was gone; with `Infinity` if `signal` aborts first.
 *
 * @param {GoneCheck} isGone
 * @param {AbortSignal} signal
 */
async function goneAt(isGone, signal) {
  while (!signal.aborted) {
    if (await isGone()) return nowMs();
    await wait(pollEveryMs);
  }
  return Infinity;
}

/**
 * @param {CallRecords} recorded
 * @param {number} fromMs
 * @param {readonly Cut[]} cuts
 */
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
