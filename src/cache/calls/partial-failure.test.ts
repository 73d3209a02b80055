import { beforeEach, describe, expect, test } from "vitest";
import { assemble } from "../../assemble.ts";
import { createCodec } from "../../codec/codec.ts";
import type { Cache } from "../../contracts/cache.ts";
import {
  CommandTimeoutError,
  type StoreFailure,
  StoreUnavailableError,
} from "../../contracts/errors.ts";
import type { ErrorEvent } from "../../contracts/events.ts";
import type { CacheOptions } from "../../contracts/options.ts";
import type { Store } from "../../contracts/store.ts";
import { openMemory } from "../../drivers/memory/index.ts";
import { systemClock } from "../../kit/clock.ts";

const slow = new CommandTimeoutError(500, { operation: "MGET" });
const lost = new StoreUnavailableError("lost", { operation: "SET", maybeApplied: true });

/** Why a stored key fails: as those of two nodes of a cluster would. */
function failureOf(storedKey: string): Error | undefined {
  if (storedKey.includes("slow")) return slow;
  return storedKey.includes("lost") ? lost : undefined;
}

/** A store of which some keys do not answer. */
function failing(store: Store): Store {
  const bulk: Pick<Store, "getMany" | "setMany" | "delete"> = {
    getMany: async (keys) => {
      const replies = await store.getMany(keys);
      return keys.map((key, at) => failureOf(key) ?? replies[at]);
    },
    setMany: async (entries) => {
      const good = entries.filter(({ key }) => !failureOf(key));
      const replies = await store.setMany(good);
      let next = 0;
      return entries.map(({ key }) => failureOf(key) ?? replies[next++] ?? false);
    },
    delete: async (keys) => {
      const failed = new Map<string, Error>();
      for (const key of keys) {
        const failure = failureOf(key);
        if (failure) failed.set(key, failure);
      }
      const { deleted } = await store.delete(keys.filter((key) => !failed.has(key)));
      return { deleted, failed };
    },
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (name in bulk) return Reflect.get(bulk, name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

/** Opens a cache of which some keys fail, and the same store without failures. */
function open(more: CacheOptions = {}): { cache: Cache; whole: Cache; told: ErrorEvent[] } {
  const told: ErrorEvent[] = [];
  const driver = openMemory({ maxEntries: 100, clock: systemClock });
  const options: CacheOptions = { ...more, events: { error: (event) => told.push(event) } };
  const codec = () => createCodec(options);
  const cache = assemble({
    options,
    codec,
    driver: () => ({ ...driver, store: failing(driver.store) }),
  });
  const whole = assemble({ options: {}, codec, driver: () => driver });
  return { cache, whole, told };
}

const some = { good: 1, slow: 2, lost: 3, "slow too": 4 };
const failed = ["slow", "lost", "slow too"];

describe("a call of which some keys fail, errors ignored", () => {
  let { cache, whole, told } = open();

  beforeEach(async () => {
    ({ cache, whole, told } = open({ ignoreErrors: true }));
    await whole.setMany(some);
  });

  function expectToldOnceEach(operation: string): void {
    expect(told).toEqual([
      { cache: "default", operation, error: slow, ignored: true },
      { cache: "default", operation, error: lost, ignored: true },
    ]);
  }

  test("getMany reads the others", async () => {
    expect(await cache.getMany(Object.keys(some))).toEqual(new Map([["good", 1]]));
    expect(cache.stats()).toMatchObject({ hits: 1, misses: 3, errors: 2, ignoredErrors: 2 });
    expectToldOnceEach("getMany");
  });

  test("setMany writes the others, and returns the keys that were not written", async () => {
    expect(await cache.setMany({ ...some, good: "new" })).toEqual(failed);
    expect(await whole.get("good")).toBe("new");
    expect(cache.stats().writes).toBe(1);
    expectToldOnceEach("setMany");
  });

  test("setMany of no lifetime deletes the others, and returns the keys that may be left", async () => {
    expect(await cache.setMany(some, { ttl: 0 })).toEqual(failed);
    expect(await whole.has("good")).toBe(false);
  });

  test("deleteMany deletes the others, and counts them", async () => {
    expect(await cache.deleteMany(Object.keys(some))).toBe(1);
    expectToldOnceEach("deleteMany");
  });

  test.each([
    ["deletePattern", (one: Cache) => one.deletePattern("*")],
    ["clear", (one: Cache) => one.clear()],
  ])("%s deletes the others, and counts them", async (operation, remove) => {
    expect(await remove(cache)).toBe(1);
    expect(await whole.keys("*")).toHaveLength(3);
    expectToldOnceEach(operation);
  });

  test("getOrSetMany loads for them, and stores nothing over what it could not read", async () => {
    const asked: string[][] = [];
    const load = (keys: string[]): Map<string, string> => {
      asked.push(keys);
      return new Map(keys.map((key) => [key, "loaded"]));
    };
    expect(await cache.getOrSetMany([...Object.keys(some), "new"], load)).toEqual(
      new Map<string, unknown>([
        ["good", 1],
        ["slow", "loaded"],
        ["lost", "loaded"],
        ["slow too", "loaded"],
        ["new", "loaded"],
      ]),
    );
    expect(asked).toEqual([[...failed, "new"]]);
    expect([await whole.get("slow"), await whole.get("new")]).toEqual([2, "loaded"]);
    expectToldOnceEach("getOrSetMany");
  });
});

describe("a call of which some keys fail, errors not ignored", () => {
  let { cache, whole, told } = open();

  beforeEach(async () => {
    ({ cache, whole, told } = open());
    await whole.setMany(some);
  });

  test.each<readonly [string, (one: Cache) => Promise<unknown>, Error]>([
    ["getMany", (one) => one.getMany(Object.keys(some)), slow],
    ["setMany", (one) => one.setMany(some), slow],
    ["deleteMany", (one) => one.deleteMany(Object.keys(some)), slow],
    ["deletePattern", (one) => one.deletePattern("*"), slow],
    ["clear", (one) => one.clear(), slow],
    ["getOrSetMany", (one) => one.getOrSetMany(Object.keys(some), () => []), slow],
  ])("%s rejects with the first error, and names the keys", async (operation, make, first) => {
    const error: unknown = await make(cache).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(first.constructor);
    expect(error).toMatchObject({ message: first.message, maybeApplied: true });
    expect(sortedKeysOf(error)).toEqual(failed.toSorted());
    expect(first).not.toHaveProperty("keys");
    expect(told).toEqual([{ cache: "default", operation, error, ignored: false }]);
  });

  test("a failure of which nothing may have been applied says so", async () => {
    const reading = cache.getMany(["good", "slow"]);
    await expect(reading).rejects.toMatchObject({ keys: ["slow"], maybeApplied: false });
  });

  test("the others are done all the same", async () => {
    await expect(cache.setMany({ ...some, good: "new" })).rejects.toThrow(slow.message);
    expect(await whole.get("good")).toBe("new");
    await expect(cache.deleteMany(Object.keys(some))).rejects.toThrow(slow.message);
    expect(await whole.has("good")).toBe(false);
  });

  test("getOrSetMany rejects where what it loaded cannot be stored", async () => {
    const keys = ["new", "lost"];
    const loading = cache.getOrSetMany(keys, () => [["new", 1]]);
    await expect(loading).rejects.toMatchObject({ keys: ["lost"] });
  });
});

/** A walk meets its keys in no order. */
function sortedKeysOf(error: unknown): readonly string[] | undefined {
  return (error as StoreFailure).keys?.toSorted();
}
