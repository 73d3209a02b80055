import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisDriver } from "bentocache/drivers/redis";
import IORedis from "ioredis";
import { ttlMs } from "../support/values.mjs";

/** Redis alone. */
export function open(url) {
  return openWith(bentostore().useL2Layer(redisDriver({ connection: new IORedis(url) })));
}

/** Its memory alone. */
export function openMemory() {
  return openWith(bentostore().useL1Layer(memoryDriver({ maxItems: 100_000 })));
}

async function openWith(store) {
  const cache = new BentoCache({ default: "store", stores: { store }, ttl: ttlMs });
  return {
    get: (key) => cache.get({ key }),
    set: (key, value) => cache.set({ key, value }),
  };
}
