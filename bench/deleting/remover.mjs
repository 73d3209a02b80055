/** Removes keys by pattern, as one of the contenders does, and watches the heap of its process meanwhile. */
import { createClient } from "@redis/client";
import { createCache } from "cachewell";
import { withoutTimeout } from "../support/node-redis-options.mjs";
import { requireEntry } from "../support/require.mjs";
import { serve } from "../support/serve.mjs";

/** @typedef {(pattern: string) => Promise<number>} Remove returns how many keys it removed */

const sampleEveryMs = 10;
const keysAtATime = 1_000;
const contenders = { cachewell: openCachewell, "node-redis, by hand": openNodeRedis };
/** @type {Remove} */
let removeBy;

export const commands = {
  /** @param {{ contender: string, url: string }} place */
  async open({ contender, url }) {
    removeBy = await requireEntry(contenders, contender)(url);
    await removeBy("gone:*"); // loads and compiles the code
  },

  /**
   * Returns how many keys went, how long it took, and by how much the heap grew at most.
   *
   * @param {{ pattern: string }} choice
   */
  async remove({ pattern }) {
    globalThis.gc?.();
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
  },
};

serve(commands);

/**
 * @param {string} url
 * @returns {Promise<Remove>}
 */
async function openCachewell(url) {
  const cache = createCache({ location: url });
  return (pattern) => cache.deletePattern(pattern);
}

/**
 * @param {string} url
 * @returns {Promise<Remove>}
 */
async function openNodeRedis(url) {
  const client = await createClient({ url, commandOptions: withoutTimeout })
    .on("error", () => {})
    .connect();
  return async (pattern) => {
    let removed = 0;
    for await (const keys of client.scanIterator({ MATCH: `:1:${pattern}`, COUNT: keysAtATime }))
      if (keys.length > 0) removed += await client.unlink(keys);
    return removed;
  };
}
