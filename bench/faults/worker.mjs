/** One contender under load, in a process of its own. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import { serve } from "../support/serve.mjs";
import { contenders } from "./contenders.mjs";
import { OpenLoopLoad } from "./open-loop-load.mjs";

/** @import { WorkerProcess } from "../support/worker-process.mjs" */
/** @import { Contender, FaultPeer } from "./contenders.mjs" */

/** @typedef {WorkerProcess<typeof commands>} LoadWorker */
/** @typedef {typeof tally} Tally */

const pingWithinMs = 1_000;
const tally = { made: 0, answered: 0, failed: 0, saidMaybeApplied: 0 };
/** @type {FaultPeer} */
let peer;
/** @type {OpenLoopLoad | undefined} */
let load;

export const commands = {
  /** @param {{ contender: Contender, url: string }} place */
  async open({ contender, url }) {
    peer = await contenders[contender].open(url, 0);
    await peer.ping();
  },
  /** @param {{ perSecond: number }} rate */
  startLoad({ perSecond }) {
    load = new OpenLoopLoad(peer, perSecond);
  },
  heap: () => requireLoad().heap(),
  /** @param {{ fromMs: number, withinMs: number }} span */
  firstAnswer: (span) => requireLoad().firstAnswer(span),
  /** @param {{ graceMs: number }} limit */
  stopLoad: (limit) => requireLoad().stop(limit),
  untilItAnswers,
  count,
  untilTallied,
};

serve(commands);

function requireLoad() {
  if (!load) throw new Error("No load has started.");
  return load;
}

/**
 * Pings until the server answers.
 *
 * @param {{ withinMs: number }} limit
 */
async function untilItAnswers({ withinMs }) {
  const untilMs = nowMs() + withinMs;
  while (nowMs() < untilMs) {
    try {
      return await Promise.race([peer.ping(), tooLong()]);
    } catch {
      await wait(20);
    }
  }
  throw new Error(`No ping was answered within ${withinMs} ms.`);
}

/** The fault may swallow a ping too. */
async function tooLong() {
  await wait(pingWithinMs, undefined, { ref: false });
  throw new Error(`A ping was not answered within ${pingWithinMs} ms.`);
}

/**
 * Sends `times` increments at once, and awaits none.
 *
 * @param {{ key: string, times: number }} order
 */
function count({ key, times }) {
  for (let time = 0; time < times; time += 1) {
    tally.made += 1;
    peer.incr(key).then(
      () => {
        tally.answered += 1;
      },
      (error) => {
        tally.failed += 1;
        if (saysMaybeApplied(error)) tally.saidMaybeApplied += 1;
      },
    );
  }
}

/** @param {unknown} error */
function saysMaybeApplied(error) {
  return error instanceof Error && "maybeApplied" in error && error.maybeApplied === true;
}

/**
 * Resolves with the outcomes of the calls of `count`, once all have settled or after `withinMs`.
 *
 * @param {{ withinMs: number }} limit
 */
async function untilTallied({ withinMs }) {
  const untilMs = nowMs() + withinMs;
  while (tally.answered + tally.failed < tally.made && nowMs() < untilMs) await wait(5);
  return tally;
}
