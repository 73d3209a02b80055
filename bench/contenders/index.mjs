/**
 * Those who compete, by name. Each opens, in a process that loads nothing of the others, what does the
 * same work on the same keys: values in JSON, a lifetime of 300 s on every write. A method that a peer
 * is not measured at is left out.
 */
const contenders = {
  cachewell: async (url) => (await import("./cachewell.mjs")).open(url),
  "node-redis, tuned": async (url) => (await import("./node-redis.mjs")).openTuned(url),
  "node-redis": async (url) => (await import("./node-redis.mjs")).openDefault(url),
  "ioredis, pipelining": async (url) => (await import("./ioredis.mjs")).openPipelining(url),
  "cache-manager": async (url) => (await import("./cache-manager.mjs")).open(url),
  cacheable: async (url) => (await import("./cacheable.mjs")).open(url),
  bentocache: async (url) => (await import("./bentocache.mjs")).open(url),
  "the limit": async (url) => (await import("./limit.mjs")).open(url),
  "cachewell, near": async (url) => (await import("./cachewell.mjs")).openNear(url),
  "node-redis, clientSideCache": async (url) => (await import("./node-redis.mjs")).openNear(url),
  "bentocache, memory": async () => (await import("./bentocache.mjs")).openMemory(),
  "a Map": async () => (await import("./limit.mjs")).openMap(),
};

/** Opens a contender on the database of `url`. */
export function openContender(name, url) {
  return contenders[name](url);
}
