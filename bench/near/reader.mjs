/** A process with a near cache, and another client that changes its keys. */
import { RespLimit } from "../support/resp-limit.mjs";
import { serve } from "../support/serve.mjs";
import { isHeld, until, write } from "./fence.mjs";
import { staleAfterFlushes, staleAfterKills, staleAfterWrites } from "./races.mjs";
import { readers } from "./readers.mjs";

/** @import { Place } from "./fence.mjs" */
/** @import { NearContender } from "./readers.mjs" */

/** For this long before a ping the process checks without a pause, and goes on: nothing has to wake it up. */
const awakeMs = 3;
/** @type {Place} */
let place;

export const commands = {
  /** @param {{ contender?: NearContender, url: string }} choice */
  async open({ contender = "cachewell", url }) {
    place = { cache: await readers[contender](url), other: await RespLimit.connect(url) };
  },
  change,
  /** @param {number} times */
  staleAfterWrites: (times) => staleAfterWrites(place, times),
  /** @param {number} times */
  staleAfterFlushes: (times) => staleAfterFlushes(place, times),
  /** @param {number} times */
  staleAfterKills: (times) => staleAfterKills(place, times),
};

serve(commands);

/**
 * Takes a key into the near cache, and has the other client change it. Returns how long after the reply to that
 * write the near cache dropped the value (0 for before the reply), how long after the write was sent, and how long
 * a PING of the other client took just before.
 *
 * @param {{ key: string, version: number }} step
 */
async function change({ key, version }) {
  const { cache, other } = place;
  await write(other, key, version);
  await until(() => isHeld(cache, key));
  const before = cache.invalidations();
  const pingMs = await whileAwake(() => timed(() => other.send(["PING"])));
  const dropped = until(() => cache.invalidations() > before).then(now);
  const sentAtMs = now();
  await write(other, key, version + 1);
  const repliedAtMs = now();
  const droppedAtMs = await dropped;
  return {
    pingMs,
    dropMs: Math.max(0, droppedAtMs - repliedAtMs),
    sinceSentMs: droppedAtMs - sentAtMs,
  };
}

/**
 * @template T
 * @param {() => Promise<T>} task
 */
async function whileAwake(task) {
  const startedAtMs = now();
  await until(() => now() - startedAtMs > awakeMs);
  let isOver = false;
  const checking = until(() => isOver);
  const result = await task();
  isOver = true;
  await checking;
  return result;
}

/** @param {() => Promise<unknown>} task */
async function timed(task) {
  const startedAtMs = now();
  await task();
  return now() - startedAtMs;
}

function now() {
  return performance.now();
}
