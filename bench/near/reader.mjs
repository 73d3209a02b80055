/** A process with a near cache, which is put through changes that another client makes. */
import { serve } from "../faults/serve.mjs";
import { RespLimit } from "../support/resp-limit.mjs";
import { isHeld, until, write } from "./fence.mjs";
import { staleAfterFlushes, staleAfterKills, staleAfterWrites } from "./races.mjs";
import { readers } from "./readers.mjs";

/** It asks having looked for some time, and still looking: nothing has to wake it up. */
const awakeMs = 3;
let cache;
let other;

serve({
  open,
  change,
  staleAfterWrites: (times) => staleAfterWrites({ cache, other }, times),
  staleAfterFlushes: (times) => staleAfterFlushes({ cache, other }, times),
  staleAfterKills: (times) => staleAfterKills({ cache, other }, times),
});

async function open({ contender = "cachewell", url }) {
  cache = await readers[contender](url);
  other = await RespLimit.connect(url);
}

/**
 * Takes a key into the near cache, and has the other client change it. Returns how long after the reply to that
 * the value was dropped, 0 for before it, how long after it was sent, and how long a PING of the other client
 * took just before.
 */
async function change({ key, version }) {
  await write({ other }, key, version);
  await until(() => isHeld(cache, key));
  const { invalidations } = cache.stats().near;
  const pingMs = await lookingAllTheTime(() => timed(() => other.send(["PING"])));
  const dropped = until(() => cache.stats().near.invalidations > invalidations).then(now);
  const sentAtMs = now();
  await write({ other }, key, version + 1);
  const repliedAtMs = now();
  const droppedAtMs = await dropped;
  return {
    pingMs,
    dropMs: Math.max(0, droppedAtMs - repliedAtMs),
    sinceSentMs: droppedAtMs - sentAtMs,
  };
}

async function lookingAllTheTime(task) {
  const startedAtMs = now();
  await until(() => now() - startedAtMs > awakeMs);
  let isOver = false;
  const looking = until(() => isOver);
  const result = await task();
  isOver = true;
  await looking;
  return result;
}

async function timed(task) {
  const startedAtMs = now();
  await task();
  return now() - startedAtMs;
}

function now() {
  return performance.now();
}
