/** What each way needs before its call is counted: values in their places, and whatever only a first call does. */
import { setTimeout as wait } from "node:timers/promises";

/**
 * @typedef {import("../../src/contracts/cache.ts").Cache} Cache
 *
 * What one way is set up with. Each way has caches of its own: the near cache of another would hear of its writes.
 *
 * @typedef {object} Stage
 * @property {string} location of an empty Redis
 * @property {(options?: import("../../src/contracts/options.ts").CacheOptions) => Cache} createCache the package's
 * @property {typeof import("../../src/sessions/index.ts").createSessions} createSessions the package's
 *
 * @typedef {(stage: Stage) => Promise<() => Promise<unknown>>} Scene returns the call that is counted
 */

const user = { name: "Ada", born: 1815 };

/** More than the calls of one way, so that each of them meets a key of its own. */
const manyKeys = Array.from({ length: 32 }, (_, index) => `user:${index}`);

/**
 * The call of each way, by the names of the table.
 *
 * @type {Readonly<Record<string, Scene>>}
 */
export const scenes = {
  "memory get": async ({ createCache }) => {
    const memory = createCache();
    await memory.set("user", user);
    return () => memory.get("user");
  },
  "Redis get": async ({ createCache, location }) => {
    const redis = createCache({ location });
    await redis.set("user", user);
    return () => redis.get("user");
  },
  "near hit": async ({ createCache, location }) => {
    const redis = createCache({ location });
    const near = createCache({ location, nearCache: true });
    await redis.set("near user", user);
    await untilNear(near, "near user");
    return () => near.get("near user");
  },
  "near miss": async ({ createCache, location }) => {
    const redis = createCache({ location });
    const near = createCache({ location, nearCache: true });
    for (const key of manyKeys) await redis.set(key, user);
    await untilTracking(near);
    const keys = manyKeys.values();
    return () => near.get(nextOf(keys));
  },
  set: async ({ createCache, location }) => {
    const redis = createCache({ location });
    return () => redis.set("user", user);
  },
  "getMany(3)": async ({ createCache, location }) => {
    const redis = createCache({ location });
    const keys = manyKeys.slice(0, 3);
    for (const key of keys) await redis.set(key, user);
    return () => redis.getMany(keys);
  },
  "getOrSet hit": async ({ createCache, location }) => {
    const redis = createCache({ location });
    await redis.set("user", user);
    return () => redis.getOrSet("user", () => user);
  },
  "getOrSet miss": async ({ createCache, location }) => {
    const redis = createCache({ location });
    const keys = manyKeys.map((key) => `absent ${key}`).values();
    return () => redis.getOrSet(nextOf(keys), () => user);
  },
  incr: async ({ createCache, location }) => {
    const redis = createCache({ location });
    await redis.set("count", 0);
    return () => redis.incr("count");
  },
  "session load": async ({ createCache, createSessions, location }) => {
    const sessions = createSessions({ cache: createCache({ location }) });
    const session = await sessions.load(undefined);
    session.set("userId", 7);
    session.set("cart", ["tea"]);
    await session.save();
    return () => sessions.load(session.id);
  },
};

/** @param {Iterator<string>} keys */
function nextOf(keys) {
  const { value, done } = keys.next();
  if (done) throw new Error("The way has more calls than keys.");
  return value;
}

/** @param {Cache} cache */
async function untilTracking(cache) {
  await until("the near cache hears of changes", async () => {
    await cache.get("absent");
    return cache.stats().near?.tracking === true;
  });
}

/**
 * @param {Cache} cache
 * @param {string} key
 */
async function untilNear(cache, key) {
  await untilTracking(cache);
  await until(`${key} is near`, async () => {
    const hits = cache.stats().near?.hits;
    await cache.get(key);
    return cache.stats().near?.hits !== hits;
  });
}

/**
 * @param {string} what
 * @param {() => Promise<boolean>} isSo
 */
async function until(what, isSo) {
  const giveUpAtMs = performance.now() + 5_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`Not within 5 s: ${what}.`);
    await wait(5);
  }
}
