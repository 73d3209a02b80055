/** @import { CacheOptions } from "cachewell" */
/** @import { ContenderPlace, Peer } from "./index.mjs" */

/**
 * As it comes: defaults, unless the place says otherwise.
 *
 * @param {ContenderPlace} place
 */
export function open({ url, build, ...options }) {
  return openWith({ location: url, ...options }, build);
}

/**
 * With its in-process tier.
 *
 * @param {ContenderPlace} place
 */
export function openNear({ url, build, ...options }) {
  return openWith({ location: url, nearCache: true, ...options }, build);
}

/**
 * @param {CacheOptions} options
 * @param {string} [build]
 * @returns {Promise<Peer>}
 */
async function openWith(options, build = "cachewell") {
  /** Another build is typed as this one: the calls below are all that the two need in common.
   * @type {typeof import("cachewell")} */
  const { createCache } = await import(build);
  const cache = createCache(options);
  await cache.ping();
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: (keys) => cache.getMany(keys),
    setMany: async (entries) => {
      const failed = await cache.setMany(entries);
      if (failed.length > 0) throw new Error(`${failed.length} keys were not stored.`);
      return true;
    },
    incr: (key) => cache.incr(key, 1, { ifMissing: "create" }),
  };
}
