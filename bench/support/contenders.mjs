import KeyvRedis from "@keyv/redis";
import { createClient } from "@redis/client";
import { BentoCache, bentostore } from "bentocache";
import { redisDriver } from "bentocache/drivers/redis";
import { createCache as createCacheManager } from "cache-manager";
import IORedis5 from "ioredis";
import IORedis6 from "ioredis6";
import { Keyv } from "keyv";
import { createCache } from "../../dist/index.js";

const ttlMs = 300_000;

/**
 * Those who compete: each does the same work on the same keys, values in JSON, a lifetime of 300 s
 * on every write. `incr` and `getMany` are left out where a peer has none.
 */
export const contenders = [
  { name: "cachewell", open: openCachewell },
  {
    name: "node-redis tuned",
    open: (url) => openNodeRedis(url, { commandOptions: { timeout: undefined } }),
  },
  { name: "node-redis", open: (url) => openNodeRedis(url, {}) },
  { name: "ioredis", open: openIORedis },
  { name: "cache-manager", open: openCacheManager },
  { name: "bentocache", open: openBentoCache },
];

async function openCachewell(url) {
  const cache = createCache({ location: url, keyPrefix: "cachewell", commandTimeout: "30s" });
  await cache.ping();
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: (keys) => cache.getMany(keys),
    incr: (key) => cache.incr(key, 1, { ifMissing: "create" }),
    close: () => cache.close(),
  };
}

async function openNodeRedis(url, options) {
  const client = await createClient({ url, ...options })
    .on("error", () => {})
    .connect();
  return {
    get: async (key) => JSON.parse(await client.get(key)),
    set: (key, value) =>
      client.set(key, JSON.stringify(value), { expiration: { type: "PX", value: ttlMs } }),
    getMany: async (keys) => (await client.mGet(keys)).map((text) => JSON.parse(text)),
    incr: (key) => client.incr(key),
    close: () => client.close(),
  };
}

async function openIORedis(url) {
  const client = new IORedis6(url);
  await client.ping();
  return {
    get: async (key) => JSON.parse(await client.get(key)),
    set: (key, value) => client.set(key, JSON.stringify(value), "PX", ttlMs),
    getMany: async (keys) => (await client.mget(keys)).map((text) => JSON.parse(text)),
    incr: (key) => client.incr(key),
    close: () => client.quit(),
  };
}

async function openCacheManager(url) {
  const store = new KeyvRedis(url);
  const cache = createCacheManager({ stores: [new Keyv({ store })], ttl: ttlMs });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: (keys) => cache.mget(keys),
    close: () => cache.disconnect(),
  };
}

async function openBentoCache(url) {
  const connection = new IORedis5(url);
  const store = bentostore().useL2Layer(redisDriver({ connection }));
  const cache = new BentoCache({ default: "redis", stores: { redis: store }, ttl: ttlMs });
  return {
    get: (key) => cache.get({ key }),
    set: (key, value) => cache.set({ key, value }),
    close: () => cache.disconnect(),
  };
}
