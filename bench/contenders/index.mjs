import { requireEntry } from "../support/require.mjs";

/**
 * A contender on one database. It leaves out a method that no bench measures it at. What an operation
 * resolves with is the bench's to check; `undefined` means that nothing was found.
 *
 * @typedef {{
 *   get: (key: string) => Promise<unknown>,
 *   set: (key: string, value: object) => Promise<unknown>,
 *   getMany?: (keys: readonly string[]) => Promise<unknown>,
 *   setMany?: (entries: readonly (readonly [string, object])[]) => Promise<unknown>,
 *   incr?: (key: string) => Promise<unknown>,
 * }} Peer
 */

/**
 * Where a contender opens: the database, and for cachewell another build and another timeout than the
 * default.
 *
 * @typedef {{ url: string, build?: string, commandTimeout?: string }} ContenderPlace
 */

/**
 * The contenders, by name. Each opens in a process that loads none of the others, and does the same
 * work on the same keys: values in JSON, a lifetime of 300 s on every write.
 *
 * @type {Readonly<Record<string, (place: ContenderPlace) => Promise<Peer>>>}
 */
const contenders = {
  cachewell: async (place) => (await import("./cachewell.mjs")).open(place),
  "node-redis, tuned": async ({ url }) => (await import("./node-redis.mjs")).openTuned(url),
  "node-redis": async ({ url }) => (await import("./node-redis.mjs")).openDefault(url),
  "ioredis, pipelining": async ({ url }) => (await import("./ioredis.mjs")).openPipelining(url),
  "cache-manager": async ({ url }) => (await import("./cache-manager.mjs")).open(url),
  cacheable: async ({ url }) => (await import("./cacheable.mjs")).open(url),
  bentocache: async ({ url }) => (await import("./bentocache.mjs")).open(url),
  "the limit": async ({ url }) => (await import("./limit.mjs")).open(url),
  "cachewell, near": async (place) => (await import("./cachewell.mjs")).openNear(place),
  "node-redis, clientSideCache": async ({ url }) =>
    (await import("./node-redis.mjs")).openNear(url),
  "bentocache, memory": async () => (await import("./bentocache.mjs")).openMemory(),
  "a Map": async () => (await import("./limit.mjs")).openMap(),
};

/**
 * Opens a contender.
 *
 * @param {string} name
 * @param {ContenderPlace} place
 */
export function openContender(name, place) {
  return requireEntry(contenders, name)(place);
}
