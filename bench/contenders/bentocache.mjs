import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisDriver } from "bentocache/drivers/redis";
import { Redis } from "ioredis";
import { ttlMs } from "../support/values.mjs";

/** @import { Peer } from "./index.mjs" */

/**
 * Redis alone.
 *
 * @param {string} url
 */
export function open(url) {
  return openWith(bentostore().useL2Layer(redisDriver({ connection: new Redis(url) })));
}

/** Its memory alone. */
export function openMemory() {
  return openWith(bentostore().useL1Layer(memoryDriver({ maxItems: 100_000 })));
}

/**
 * @param {ReturnType<typeof bentostore>} store
 * @returns {Promise<Peer>}
 */
async function openWith(store) {
  const cache = new BentoCache({ default: "store", stores: { store }, ttl: ttlMs });
  return {
    get: (key) => cache.get({ key }),
    set: (key, value) => cache.set({ key, value }),
  };
}
