/** One contender under load, in a process of its own. */
import { setTimeout as wait } from "node:timers/promises";
import { nowMs } from "../support/clock.mjs";
import { contenders } from "./contenders.mjs";
import { OpenLoopLoad } from "./open-loop-load.mjs";
import { serve } from "./serve.mjs";

const pingWithinMs = 1_000;
const tally = { made: 0, answered: 0, failed: 0, saidMaybeApplied: 0 };
let peer;
let load;

serve({
  async open({ contender, url }) {
    peer = await contenders[contender].open(url, 0);
    await peer.ping();
  },
  startLoad({ perSecond }) {
    load = new OpenLoopLoad(peer, perSecond);
  },
  heap: () => load.heap(),
  firstAnswer: (input) => load.firstAnswer(input),
  stopLoad: (input) => load.stop(input),
  untilItAnswers,
  count,
  untilTallied,
});

/** Pings until there is an answer. */
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

/** A ping may be among what gets lost. */
async function tooLong() {
  await wait(pingWithinMs, undefined, { ref: false });
  throw new Error(`A ping was not answered within ${pingWithinMs} ms.`);
}

/** Counts up so many times at once, and does not wait for it. */
function count({ key, times }) {
  for (let time = 0; time < times; time += 1) {
    tally.made += 1;
    peer.incr(key).then(
      () => {
        tally.answered += 1;
      },
      (error) => {
        tally.failed += 1;
        if (error.maybeApplied === true) tally.saidMaybeApplied += 1;
      },
    );
  }
}

/** Returns how the calls of `count` went, once all have settled or `withinMs` are over. */
async function untilTallied({ withinMs }) {
  const untilMs = nowMs() + withinMs;
  while (tally.answered + tally.failed < tally.made && nowMs() < untilMs) await wait(5);
  return tally;
}
