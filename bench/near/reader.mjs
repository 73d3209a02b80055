/** A process with a near cache, which is put through changes that another client makes. */
import { serve } from "../faults/serve.mjs";
import { nowMs } from "../support/clock.mjs";
import { RespLimit } from "../support/resp-limit.mjs";
import { isHeld, until } from "./fence.mjs";
import { staleAfterFlushes, staleAfterKills, staleAfterWrites } from "./races.mjs";
import { readers } from "./readers.mjs";

/** It pings as it waits for a drop: having looked for some time, and still looking. */
const awakeMs = 3;
let cache;
let other;
let dropped;

serve({
  open,
  hold,
  untilDropped: () => dropped,
  staleAfterWrites: (times) => staleAfterWrites({ cache, other }, times),
  staleAfterFlushes: (times) => staleAfterFlushes({ cache, other }, times),
  staleAfterKills: (times) => staleAfterKills({ cache, other }, times),
});

async function open({ contender = "cachewell", url }) {
  cache = await readers[contender](url);
  other = await RespLimit.connect(url);
}

/**
 * Takes a key into the near cache, and from then on looks all the time whether it has been dropped,
 * which `untilDropped` tells. Returns how long a PING took meanwhile.
 */
async function hold({ key }) {
  await until(() => isHeld(cache, key));
  const before = cache.stats().near.invalidations;
  const heldAtMs = nowMs();
  await until(() => nowMs() - heldAtMs > awakeMs);
  let isPinging = true;
  const spin = until(() => !isPinging);
  const askedAt = nowMs();
  await other.send(["PING"]);
  const tookMs = nowMs() - askedAt;
  isPinging = false;
  await spin;
  dropped = until(() => cache.stats().near.invalidations > before).then(nowMs);
  return tookMs;
}
