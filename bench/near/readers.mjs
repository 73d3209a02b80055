import { BasicClientSideCache, createClient } from "@redis/client";
import { createCache } from "../../dist/index.js";

/** Those whose in-process tier is raced with, by name: all read the keys that cachewell stores. */
export const readers = { cachewell: openCachewell, "node-redis": openNodeRedis };

async function openCachewell(url) {
  const cache = createCache({ location: url, nearCache: true });
  await cache.ping();
  return cache;
}

async function openNodeRedis(url) {
  const clientSideCache = new BasicClientSideCache();
  const options = { url, RESP: 3, clientSideCache, commandOptions: { timeout: undefined } };
  const client = await createClient(options)
    .on("error", () => {})
    .connect();
  return {
    get: async (key) => {
      const text = await client.get(`:1:${key}`);
      return text === null ? undefined : JSON.parse(text);
    },
    stats: () => ({ near: { hits: clientSideCache.stats().hitCount } }),
  };
}
