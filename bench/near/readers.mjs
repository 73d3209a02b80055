import { BasicClientSideCache, createClient } from "@redis/client";
import { createCache } from "cachewell";
import { withoutTimeout } from "../support/node-redis-options.mjs";

/**
 * A client with an in-process tier: `hits` counts the answers of that tier, `invalidations` the values
 * that it dropped since another client changed them.
 *
 * @typedef {{
 *   get: (key: string) => Promise<unknown>,
 *   hits: () => number,
 *   invalidations: () => number,
 * }} NearReader
 */

/** @typedef {keyof typeof readers} NearContender */

/** The contenders of the races, by name: all read the keys that cachewell stores. */
export const readers = { cachewell: openCachewell, "node-redis": openNodeRedis };

/**
 * @param {string} url
 * @returns {Promise<NearReader>}
 */
async function openCachewell(url) {
  const cache = createCache({ location: url, nearCache: true });
  await cache.ping();
  return {
    get: (key) => cache.get(key),
    hits: () => cache.stats().near?.hits ?? 0,
    invalidations: () => cache.stats().near?.invalidations ?? 0,
  };
}

/**
 * @param {string} url
 * @returns {Promise<NearReader>}
 */
async function openNodeRedis(url) {
  const clientSideCache = new BasicClientSideCache();
  const client = await createClient({
    url,
    RESP: 3,
    clientSideCache,
    commandOptions: withoutTimeout,
  })
    .on("error", () => {})
    .connect();
  return {
    get: async (key) => {
      const text = await client.get(`:1:${key}`);
      return text === null ? undefined : JSON.parse(text);
    },
    hits: () => clientSideCache.stats().hitCount,
    invalidations: () => {
      throw new Error("Only cachewell counts invalidations.");
    },
  };
}
