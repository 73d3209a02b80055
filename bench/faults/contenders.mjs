import { createClient } from "@redis/client";
import IORedis6 from "ioredis6";
import { createCache } from "../../dist/index.js";

const ttlMs = 300_000;
const ourDefaultMaxPending = 10_000;

/**
 * Those who are put through the faults, each with its defaults, and with a listener for errors
 * where it must have one. `storedKey` tells what a key is called on the server.
 */
export const contenders = {
  cachewell: { open: openCachewell, storedKey: (key) => `:1:${key}` },
  "node-redis": { open: openNodeRedis, storedKey: (key) => key },
  ioredis: { open: openIORedis, storedKey: (key) => key },
};

/** A bound that no call here reaches differs from cache to cache, so that no two share a connection. */
function openCachewell(url, nth) {
  const cache = createCache({ location: url, maxPending: ourDefaultMaxPending + nth });
  return {
    ping: () => cache.ping(),
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    incr: (key) => cache.incr(key, 1, { ifMissing: "create" }),
  };
}

async function openNodeRedis(url) {
  const client = await createClient({ url })
    .on("error", () => {})
    .connect();
  return {
    ping: () => client.ping(),
    get: async (key) => JSON.parse(await client.get(key)),
    set: (key, value) =>
      client.set(key, JSON.stringify(value), { expiration: { type: "PX", value: ttlMs } }),
    incr: (key) => client.incr(key),
  };
}

function openIORedis(url) {
  const client = new IORedis6(url).on("error", () => {});
  return {
    ping: () => client.ping(),
    get: async (key) => JSON.parse(await client.get(key)),
    set: (key, value) => client.set(key, JSON.stringify(value), "PX", ttlMs),
    incr: (key) => client.incr(key),
  };
}
