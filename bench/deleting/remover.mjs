/** Removes keys by pattern, as one of the contenders does, and watches the heap of its process meanwhile. */
import { createClient } from "@redis/client";
import { createCache } from "../../dist/index.js";
import { serve } from "../faults/serve.mjs";

const sampleEveryMs = 10;
const keysAtATime = 1_000;
const contenders = { cachewell: openCachewell, "node-redis, by hand": openNodeRedis };
let removeBy;

serve({ open, remove });

async function open({ contender, url }) {
  removeBy = await contenders[contender](url);
  await removeBy("gone:*"); // so that all code is there
}

async function openCachewell(url) {
  const cache = createCache({ location: url });
  return (pattern) => cache.deletePattern(pattern);
}

async function openNodeRedis(url) {
  const client = await createClient({ url, commandOptions: { timeout: undefined } })
    .on("error", () => {})
    .connect();
  return async (pattern) => {
    let removed = 0;
    for await (const keys of client.scanIterator({ MATCH: `:1:${pattern}`, COUNT: keysAtATime }))
      if (keys.length > 0) removed += await client.unlink(keys);
    return removed;
  };
}

/** Returns how many keys went, how long it took, and by how much the heap grew at most. */
async function remove({ pattern }) {
  globalThis.gc();
  const heapBefore = process.memoryUsage().heapUsed;
  let most = heapBefore;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage().heapUsed);
  }, sampleEveryMs);
  const startedAt = performance.now();
  const removed = await removeBy(pattern);
  const tookMs = performance.now() - startedAt;
  clearInterval(sampler);
  return { removed, tookMs, heapMegabytes: (most - heapBefore) / 2 ** 20 };
}
