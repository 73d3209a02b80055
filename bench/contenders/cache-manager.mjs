import KeyvRedis from "@keyv/redis";
import { createCache } from "cache-manager";
import { Keyv } from "keyv";
import { ttlMs } from "../support/values.mjs";

/** @import { Peer } from "./index.mjs" */

/**
 * As its documentation has it for Redis.
 *
 * @param {string} url
 * @returns {Promise<Peer>}
 */
export async function open(url) {
  const store = new KeyvRedis(url);
  const cache = createCache({ stores: [new Keyv({ store })], ttl: ttlMs });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
  };
}
