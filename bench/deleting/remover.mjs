/** Removes keys by pattern through a cache of its own, and watches its heap meanwhile. */
import { createCache } from "../../dist/index.js";
import { serve } from "../faults/serve.mjs";

const sampleEveryMs = 10;
let cache;

serve({ open, remove });

async function open({ url }) {
  cache = createCache({ location: url });
  await cache.set("gone:first", 1);
  await cache.deletePattern("gone:*"); // so that all code is there
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
  const removed = await cache.deletePattern(pattern);
  const tookMs = performance.now() - startedAt;
  clearInterval(sampler);
  return { removed, tookMs, heapMegabytes: (most - heapBefore) / 2 ** 20 };
}
