import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cache, ConfigurationError, createCache, createCaches } from "../../src/index.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";

const letters = fc.constantFrom(...Array.from("::**[]\\?-^0129aé😀ж#"), "#lock", ":1:", ":-1");
const prefixes = fc.string({ unit: letters, maxLength: 6 });

/** Pairs that share a beginning, or differ in one letter: those that a careless pattern mixes up. */
const pairs = fc
  .oneof(
    fc.tuple(prefixes, prefixes),
    fc.tuple(prefixes, prefixes).map(([one, more]) => [one, one + more] as const),
    fc.tuple(prefixes, letters, letters).map(([one, x, y]) => [one + x, one + y] as const),
  )
  .filter(([one, other]) => one !== other);

const keys = ["*", "1:key", "#lock:1:key"] as const;
const versions = [1, -1] as const;

interface Pair {
  readonly one: Cache;
  readonly other: Cache;
}

/** Opens both in one database, or nothing where `createCaches` refuses a prefix, or that they collide. */
function openPair(
  location: string,
  [onePrefix, otherPrefix]: readonly [string, string],
): Pair | undefined {
  try {
    const { one, other } = createCaches({
      one: { location, keyPrefix: onePrefix },
      other: { location, keyPrefix: otherPrefix },
    });
    return { one, other };
  } catch (error) {
    if (error instanceof ConfigurationError && error.option === "keyPrefix") return undefined;
    throw error;
  }
}

async function plant(cache: Cache, owner: string): Promise<void> {
  for (const version of versions) {
    await cache.setMany(
      keys.map((key) => [key, owner] as const),
      { version },
    );
  }
}

/** Checks that `cache` sees all it has, and nothing else, in every version. */
async function assertSeesItsOwn(cache: Cache, owner: string): Promise<void> {
  for (const version of versions) {
    const found = await cache.keys("*", { version });
    expect(found.toSorted()).toEqual(keys.toSorted());
    const values = await cache.getMany(keys, { version });
    expect([...values.values()]).toEqual(keys.map(() => owner));
  }
}

async function assertApart({ one, other }: Pair): Promise<void> {
  await plant(one, "one");
  await plant(other, "other");
  const lock = await other.lock("key", { ttl: "1m" });
  await assertSeesItsOwn(one, "one");
  await assertSeesItsOwn(other, "other");
  expect(await one.deletePattern("*")).toBe(keys.length);
  expect(await one.clear()).toBe(keys.length);
  await assertSeesItsOwn(other, "other");
  expect(await lock.release()).toBe(true);
  expect(await other.clear()).toBe(keys.length * 2);
}

async function closePair({ one, other }: Pair): Promise<void> {
  await Promise.all([one.close(), other.close()]);
}

/** Reports how many pairs were refused, since a property that skips all would prove nothing. */
async function expectApart(
  check: (prefixes: readonly [string, string]) => Promise<boolean>,
  limits: fc.Parameters<[readonly [string, string]]> & { readonly numRuns: number },
): Promise<void> {
  let refused = 0;
  const apart = fc.asyncProperty(pairs, async (given) => {
    if (!(await check(given))) refused += 1;
  });
  await fc.assert(apart, { includeErrorInReport: true, ...limits });
  expect(refused).toBeLessThan(limits.numRuns / 5);
}

/** How many pairs are tried in memory; `CACHEWELL_PAIRS=10000` for a thorough run. */
const pairCount = Number(process.env["CACHEWELL_PAIRS"] ?? 3_000);

describe("prefixes of one database", () => {
  test(`${pairCount} pairs in memory never see or delete each other's keys`, {
    timeout: 60_000,
  }, async () => {
    let name = 0;
    const check = async (given: readonly [string, string]): Promise<boolean> => {
      const pair = openPair(`memory:prefixes ${name++}`, given);
      if (!pair) return false;
      await assertApart(pair);
      await closePair(pair);
      return true;
    };
    await expectApart(check, { numRuns: pairCount });
    expect(name).toBeGreaterThanOrEqual(pairCount);
  });

  describe("in Redis", () => {
    let location = "";
    let first: Cache;

    beforeAll(async () => {
      location = sharedUrl(await freshDatabase());
      first = createCache({ location }); // keeps the shared connection open
      await first.ping();
    });

    afterAll(async () => {
      await first.close();
    });

    test("as many pairs as fit in four seconds never do", { timeout: 30_000 }, async () => {
      const check = async (given: readonly [string, string]): Promise<boolean> => {
        const pair = openPair(location, given);
        if (!pair) return false;
        await pair.one.flushDatabase(); // a released lock is remembered for its fence
        await assertApart(pair);
        await closePair(pair);
        return true;
      };
      let latest: Promise<boolean> | undefined;
      const limits = { interruptAfterTimeLimit: 4_000, markInterruptAsFailure: false };
      await expectApart((given) => (latest = check(given)), { numRuns: 10_000, ...limits });
      await latest; // an interrupt leaves it under way
    });

    test("a prefix does not see another's locks, or it is refused", async () => {
      const pair = openPair(location, ["a", "a:#lock"]);
      if (!pair) return;
      const lock = await pair.one.lock("door", { ttl: "1m" });
      expect(await pair.other.keys("*")).toEqual([]);
      expect(await pair.other.clear()).toBe(0);
      expect(await lock.release()).toBe(true);
      await closePair(pair);
    });

    test("sixty prefixes at once hold each their own", async () => {
      await first.flushDatabase();
      const many = fc.sample(fc.uniqueArray(prefixes, { minLength: 60, maxLength: 60 }), {
        numRuns: 1,
        seed: 20_261_121,
      });
      const apart: string[] = [];
      for (const prefix of many.flat()) {
        if (apart.every((other) => isApart(location, [prefix, other]))) apart.push(prefix);
      }
      expect(apart.length).toBeGreaterThan(40);
      const caches = apart.map((keyPrefix) => createCache({ location, keyPrefix }));
      await Promise.all(caches.map((cache, index) => cache.set("key", index)));
      for (const [index, cache] of caches.entries()) {
        expect(await cache.keys("*")).toEqual(["key"]);
        expect(await cache.get("key")).toBe(index);
        expect(await cache.clear()).toBe(1);
        await cache.close();
      }
    });
  });

  test.each([
    ["a", "a:1"],
    ["a", "a:-7:b"],
    ["", ":1"],
    ["a:b", "a:b:12"],
  ])("prefixes that Django's layout cannot tell apart are refused: %j and %j", (one, other) => {
    expect(openPair("memory:refused", [one, other])).toBeUndefined();
    expect(openPair("memory:refused", [other, one])).toBeUndefined();
  });

  test.each([
    ["a", "a:"],
    ["a", "a:x"],
    ["a", "a:1x"],
    ["a", "b"],
    ["", "a"],
    ["", ":"],
    ["a", "a:--1"],
  ])("prefixes that can be told apart are taken: %j and %j", async (one, other) => {
    const pair = openPair(`memory:taken ${one} ${other}`, [one, other]);
    expect(pair).toBeDefined();
    if (pair) await closePair(pair);
  });
});

function isApart(location: string, given: readonly [string, string]): boolean {
  const pair = openPair(location, given);
  if (pair) void closePair(pair);
  return pair !== undefined;
}
