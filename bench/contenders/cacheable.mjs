import KeyvRedis from "@keyv/redis";
import { Cacheable } from "cacheable";
import { Keyv } from "keyv";
import { ttlMs } from "../support/values.mjs";

/** @import { Peer } from "./index.mjs" */

/**
 * Redis alone: as the primary store, which is in memory by default.
 *
 * @param {string} url
 * @returns {Promise<Peer>}
 */
export async function open(url) {
  const primary = new Keyv({ store: new KeyvRedis(url) });
  const cache = new Cacheable({ primary, ttl: ttlMs });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
  };
}
