import { setTimeout as wait } from "node:timers/promises";
import { lock, withLock } from "./lock-operations.mjs";
import { valueOf } from "./values.mjs";

/**
 * What an operation works with.
 *
 * @typedef {{
 *   subject: import("./checker.mjs").Subject,
 *   checker: import("./checker.mjs").Checker,
 *   random: import("./random.mjs").Random,
 *   counters: import("./counters.mjs").Counters,
 *   locks: import("./locks.mjs").LockBook,
 * }} Work
 */

/** @typedef {(work: Work) => Promise<void>} Operation */

const keyCount = 300;
const longestFactoryMs = 30;

/** The most commands of a walk over the few keys: SCAN steps, and a delete after each. */
const walkCommands = 24;

/** The error that a factory fails with on purpose. */
class FactoryFailure extends Error {
  code = "FACTORY_FAILURE";
}

/** @type {Operation} */
const get = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "get", commands: 1 };
  checker.read(subject, key, await checker.watch(subject, call, () => subject.cache.get(key)));
};

/** @type {Operation} */
const getMany = async ({ subject, checker, random }) => {
  const keys = keysFrom(random, 20);
  const call = { operation: "getMany", commands: 1 };
  const found = await checker.watch(subject, call, () => subject.cache.getMany(keys));
  for (const [key, value] of found ?? []) checker.read(subject, key, value);
  const strangers = [...(found?.keys() ?? [])].filter((key) => !keys.includes(key));
  checker.shape(subject, "getMany", strangers.length === 0, strangers);
};

/** @type {Operation} */
const set = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const value = valueOf(subject.name, key, random);
  const how = random.pick([{}, {}, {}, { nx: true }, { xx: true }, { keepTtl: true }]);
  const options = "keepTtl" in how ? how : { ...how, ttl: random.whole(1, 300) };
  const call = { operation: "set", commands: "keepTtl" in how ? 2 : 1 };
  const make = () => subject.cache.set(key, value, options);
  judgeFlag({ subject, checker }, "set", await checker.watch(subject, call, make));
};

/** @type {Operation} */
const setMany = async ({ subject, checker, random }) => {
  const entries = new Map(
    keysFrom(random, 10).map((key) => [key, valueOf(subject.name, key, random)]),
  );
  const call = { operation: "setMany", commands: 1 };
  const left = await checker.watch(subject, call, () => subject.cache.setMany(entries));
  const isDone = left === undefined || left.length === 0;
  checker.shape(subject, "setMany", isDone || subject.ignoresErrors, left);
};

/** @type {Operation} */
const add = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const value = valueOf(subject.name, key, random);
  const call = { operation: "add", commands: 1 };
  const make = () => subject.cache.add(key, value, { ttl: random.whole(1, 60) });
  judgeFlag({ subject, checker }, "add", await checker.watch(subject, call, make));
};

/** @type {Operation} */
const remove = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "delete", commands: 1 };
  const make = () => subject.cache.delete(key);
  judgeFlag({ subject, checker }, "delete", await checker.watch(subject, call, make));
};

/** @type {Operation} */
const deleteMany = async ({ subject, checker, random }) => {
  const keys = keysFrom(random, 5);
  const call = { operation: "deleteMany", commands: 1 };
  const count = await checker.watch(subject, call, () => subject.cache.deleteMany(keys));
  const isRight = count === undefined || (count >= 0 && count <= keys.length);
  checker.shape(subject, "deleteMany", isRight, count);
};

/** @type {Operation} */
const incr = async ({ subject, checker, counters }) => {
  const { key, tally } = counters.current(subject);
  const call = { operation: "incr", commands: 2 };
  const make = () => subject.cache.incr(key, 1, { ifMissing: "create", ttl: "10m" });
  tally.began();
  const sum = await checker.watch(subject, call, make, (error) => tally.failed(error));
  if (sum !== undefined) tally.answered(Number(sum));
};

/** @type {Operation} */
const decrMissing = async ({ subject, checker, random }) => {
  const key = `nobody:${random.whole(1, 10)}`;
  const call = { operation: "decr", commands: 2, mayFailWith: ["CACHE_MISS"] };
  const sum = await checker.watch(subject, call, () => subject.cache.decr(key));
  checker.shape(subject, "decr", sum === undefined || (sum === 0 && subject.ignoresErrors), sum);
};

/** @type {Operation} */
const has = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "has", commands: 1 };
  const make = () => subject.cache.has(key);
  judgeFlag({ subject, checker }, "has", await checker.watch(subject, call, make));
};

/** @type {Operation} */
const ttl = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "ttl", commands: 1 };
  const seconds = await checker.watch(subject, call, () => subject.cache.ttl(key));
  const isRight = seconds === undefined || (seconds !== null && seconds >= 0 && seconds <= 300);
  checker.shape(subject, "ttl", isRight, seconds);
};

/** @type {Operation} */
const touch = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "touch", commands: 1 };
  const make = () => subject.cache.touch(key, random.whole(1, 300));
  judgeFlag({ subject, checker }, "touch", await checker.watch(subject, call, make));
};

/** @type {Operation} */
const take = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const call = { operation: "take", commands: 1 };
  checker.read(subject, key, await checker.watch(subject, call, () => subject.cache.take(key)));
};

/** @type {Operation} */
const getOrSet = async ({ subject, checker, random }) => {
  const key = keyFrom(random);
  const mayFailWith = ["FACTORY_FAILURE"];
  const call = { operation: "getOrSet", commands: 2, moreMs: longestFactoryMs, mayFailWith };
  /** @param {import("cachewell").FactoryContext} context */
  const load = async ({ signal }) => {
    await wait(random.whole(0, longestFactoryMs), undefined, { signal });
    if (random.chance(0.02)) throw new FactoryFailure("on purpose");
    return valueOf(subject.name, key, random);
  };
  const value = await checker.watch(subject, call, () => subject.cache.getOrSet(key, load));
  checker.read(subject, key, value);
};

/** @type {Operation} */
const getOrSetMany = async ({ subject, checker, random }) => {
  const keys = keysFrom(random, 6);
  const call = { operation: "getOrSetMany", commands: 3, moreMs: longestFactoryMs };
  const found = await checker.watch(subject, call, () =>
    subject.cache.getOrSetMany(keys, async (missing, { signal }) => {
      await wait(random.whole(0, longestFactoryMs), undefined, { signal });
      return missing.map((key) => [key, valueOf(subject.name, key, random)]);
    }),
  );
  for (const [key, value] of found ?? []) checker.read(subject, key, value);
  checker.shape(subject, "getOrSetMany", !found || found.size === keys.length, found?.size);
};

/** @type {Operation} */
const listKeys = async ({ subject, checker, random }) => {
  const call = { operation: "keys", commands: walkCommands };
  const pattern = `item:1${random.whole(0, 9)}*`;
  const found = await checker.watch(subject, call, () => subject.cache.keys(pattern));
  const strangers = found?.filter((key) => !/^item:1\d+$/.test(key)) ?? [];
  checker.shape(subject, "keys", strangers.length === 0, strangers);
};

/** @type {Operation} */
const deletePattern = async ({ subject, checker, random }) => {
  const call = { operation: "deletePattern", commands: walkCommands };
  const pattern = `item:${random.whole(10, 30)}*`;
  const count = await checker.watch(subject, call, () => subject.cache.deletePattern(pattern));
  checker.shape(subject, "deletePattern", count === undefined || count <= keyCount, count);
};

/** @type {Operation} */
const ping = async ({ subject, checker }) => {
  const call = { operation: "ping", commands: 1 };
  const answer = await checker.watch(subject, call, () => subject.cache.ping());
  judgeFlag({ subject, checker }, "ping", answer);
};

/** Each operation with its share of all calls. */
const shares = /** @type {const} */ ([
  [get, 22],
  [getMany, 8],
  [set, 14],
  [setMany, 4],
  [add, 4],
  [remove, 4],
  [deleteMany, 2],
  [incr, 16],
  [decrMissing, 1],
  [has, 4],
  [ttl, 4],
  [touch, 3],
  [take, 4],
  [getOrSet, 10],
  [getOrSetMany, 3],
  [lock, 3],
  [withLock, 2],
  [listKeys, 0.3],
  [deletePattern, 0.5],
  [ping, 2],
]);

const allShares = shares.reduce((sum, [, share]) => sum + share, 0);

/**
 * Returns an operation at random, by its share.
 *
 * @param {import("./random.mjs").Random} random
 * @returns {Operation}
 */
export function pickOperation(random) {
  let left = random.unit() * allShares;
  for (const [operation, share] of shares) {
    left -= share;
    if (left < 0) return operation;
  }
  return get;
}

/**
 * @param {Pick<Work, "subject" | "checker">} work
 * @param {string} operation
 * @param {unknown} answer
 */
function judgeFlag({ subject, checker }, operation, answer) {
  checker.shape(subject, operation, answer === undefined || typeof answer === "boolean", answer);
}

/** @param {import("./random.mjs").Random} random */
function keyFrom(random) {
  return `item:${random.whole(1, keyCount)}`;
}

/**
 * @param {import("./random.mjs").Random} random
 * @param {number} most
 */
function keysFrom(random, most) {
  const count = random.whole(1, most);
  return [...new Set(Array.from({ length: count }, () => keyFrom(random)))];
}
