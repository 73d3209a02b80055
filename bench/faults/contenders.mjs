import { createClient } from "@redis/client";
import { createCache } from "cachewell";
import { Redis } from "ioredis6";

const ttlMs = 300_000;
const ourDefaultMaxPending = 10_000;

/**
 * A contender with one connection.
 *
 * @typedef {{
 *   ping: () => Promise<unknown>,
 *   get: (key: string) => Promise<unknown>,
 *   set: (key: string, value: object) => Promise<unknown>,
 *   incr: (key: string) => Promise<unknown>,
 * }} FaultPeer
 */

/** @typedef {keyof typeof contenders} Contender */

/**
 * The contenders, each with its defaults, and with an error listener where it requires one. `storedKey`
 * returns the name of a key on the server.
 */
export const contenders = {
  cachewell: { open: openCachewell, storedKey: (/** @type {string} */ key) => `:1:${key}` },
  "node-redis": { open: openNodeRedis, storedKey: (/** @type {string} */ key) => key },
  ioredis: { open: openIORedis, storedKey: (/** @type {string} */ key) => key },
};

/** The names of the contenders, in the order of the table. */
// `Object.keys` knows no literals; these are the keys.
export const names = /** @type {Contender[]} */ (Object.keys(contenders));

/**
 * Each gets a `maxPending` of its own, which no load here reaches: so no two share a connection.
 *
 * @param {string} url
 * @param {number} nth
 * @returns {Promise<FaultPeer>}
 */
async function openCachewell(url, nth) {
  const cache = createCache({ location: url, maxPending: ourDefaultMaxPending + nth });
  return {
    ping: () => cache.ping(),
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    incr: (key) => cache.incr(key, 1, { ifMissing: "create" }),
  };
}

/**
 * @param {string} url
 * @returns {Promise<FaultPeer>}
 */
async function openNodeRedis(url) {
  const client = await createClient({ url })
    .on("error", () => {})
    .connect();
  return {
    ping: () => client.ping(),
    get: async (key) => parse(await client.get(key)),
    set: (key, value) =>
      client.set(key, JSON.stringify(value), { expiration: { type: "PX", value: ttlMs } }),
    incr: (key) => client.incr(key),
  };
}

/**
 * @param {string} url
 * @returns {Promise<FaultPeer>}
 */
async function openIORedis(url) {
  const client = new Redis(url).on("error", () => {});
  return {
    ping: () => client.ping(),
    get: async (key) => parse(await client.get(key)),
    set: (key, value) => client.set(key, JSON.stringify(value), "PX", ttlMs),
    incr: (key) => client.incr(key),
  };
}

/**
 * @param {string | null} text
 * @returns {unknown}
 */
function parse(text) {
  return text === null ? undefined : JSON.parse(text);
}
