import KeyvRedis from "@keyv/redis";
import { Cacheable } from "cacheable";
import { Keyv } from "keyv";
import { ttlMs } from "../support/values.mjs";

/** Redis alone: it wants a first store, which is in memory unless told, so that is Redis. */
export async function open(url) {
  const primary = new Keyv({ store: new KeyvRedis(url) });
  const cache = new Cacheable({ primary, ttl: ttlMs });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
  };
}
