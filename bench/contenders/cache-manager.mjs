import KeyvRedis from "@keyv/redis";
import { createCache } from "cache-manager";
import { Keyv } from "keyv";
import { ttlMs } from "../support/values.mjs";

/** As its documents have it for Redis. */
export async function open(url) {
  const store = new KeyvRedis(url);
  const cache = createCache({ stores: [new Keyv({ store })], ttl: ttlMs });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
  };
}
