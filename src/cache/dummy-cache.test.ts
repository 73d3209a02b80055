import { describe, expect, test } from "vitest";
import { cacheRules, testCacheContract } from "../../test/contracts/cache-contract.ts";
import { createCache } from "../create-cache.ts";
import { ManualClock } from "../testing/manual-clock.ts";

const clock = new ManualClock();

/** Families of rules that hold where nothing is kept: arguments, locks, closing. */
const keptFamilies: readonly RegExp[] = [
  / is no key$/,
  /: an unknown option is a ConfigurationError/,
  /: options that are no object/,
  / is refused rather than ignored$/,
  /^a cache cannot be made with /,
  /^after close /,
  /^(touch|expire|pexpire|expireAt|pexpireAt)\b.* of an absent key is false$/,
  / is no version$/,
  / no name of a namespace$/,
  / is a TypeError(?:, not an empty batch)?$/,
  / are two calls$/,
  /as an argument needs a key function$/,
  /^extend /,
  /^the fence /,
  /^release /,
  /^(tasks under|withLock|a lock) /,
  /^who waits /,
];

/** The other rules that hold where nothing is kept; all that are in neither list read what they wrote. */
const keptRules: ReadonlySet<string> = new Set([
  "get of an absent key is undefined",
  "get of an absent key answers the default",
  "the default may be null",
  "the default is not stored",
  "an expired key is absent",
  "getOrThrow of an absent key is a CacheMissError with the key",
  "getOrThrow of an expired key is a CacheMissError",
  "getMany of nothing is empty",
  "ping is true for a store that answers",
  'set with {"ttl":0} over nothing',
  'set with {"ttl":-1} over nothing',
  'set with {"ttl":"0ms"} over nothing',
  'set with {"ttl":"-2h"} over nothing',
  'set with {"nx":true,"ttl":0} over nothing',
  'set with {"nx":true,"ttl":-1} over nothing',
  'set with {"xx":true} over nothing',
  'set with {"xx":true,"ttl":20} over nothing',
  'set with {"xx":true,"ttl":null} over nothing',
  'set with {"xx":true,"ttl":0} over nothing',
  'set with {"xx":true,"keepTtl":true} over nothing',
  "a lifetime of 0.0001 is short, but a write",
  "a lifetime of 1ms is short, but a write",
  "a lifetime of 0.001 is short, but a write",
  "a cache-wide ttl of 0 keeps nothing",
  "setMany of nothing is harmless",
  "delete of an expired key is false",
  "deleteMany of nothing answers 0",
  "take of an expired key is undefined",
  "flushDatabase removes what other prefixes and versions hold",
  "an absent counter is a CacheMissError with the key, and is not created",
  "an expired counter is absent",
  "a counter created for nothing is counted and not kept",
  "ifMissing takes its two words only",
  "an expired key cannot be touched back",
  "ttl and pttl of an absent key are 0",
  "ttl and pttl of an expired key are 0",
  "clear of nothing answers 0",
  "a stored key is prefix, version and key",
  "a stored key is the one that keyFunction makes",
  "of a hundred who come at once exactly one gets the lock",
  "wait 0 does not wait",
  "a released lock is free",
  "the signal of a released lock stays calm",
  "autoExtend keeps a lock until it is released",
  "locks of different keys, versions and namespaces are independent",
  "the task's error is the cause where the lock was lost as well",
  "a memoized function answers what the function gives",
  "functions of different names do not share results",
  "an anonymous function needs a key",
  "a key function's error is the call's",
  "calls with equal arguments at once run the function once",
  "a factory need not be asynchronous",
  "a factory is given the caller's key",
  "a hundred who ask at once cost one load",
  "those who ask by different views of one key share a load",
  "keys and versions are loaded apart",
  "the factory's own error comes through unchanged, to all who wait",
  "a failure is not stored: the next caller loads anew",
  "a factory that throws at once fails like any other",
  "what cannot be stored is an EncodeError, and nothing is stored",
  "a signal given before lets nothing begin",
  "a signal that stays calm changes nothing",
  "undefined is answered and not stored",
  "undefined is not stored although the factory named a lifetime",
  "with a negativeTtl of 0 null is not stored",
  "with a ttl of 0 the value is answered and not stored",
  "a lifetime that is none fails the factory that named it",
  "a factory may have its value not stored",
  "a load leaves what set and delete did after it began",
  "a load leaves what set and touch 0 did after it began",
  "a load leaves what set and take did after it began",
  "a load leaves what delete did after it began",
  "a load leaves what deleteMany did after it began",
  "a load leaves what take did after it began",
  "a load leaves what set with ttl 0 did after it began",
  "a load leaves what deletePattern did after it began",
  "a load leaves what clear did after it began",
  "a load leaves what flushDatabase did after it began",
  "a load leaves what a delete through a view did after it began",
  'lock takes "process" only',
  "getOrSetMany takes a generator, and each key once",
  "keys that the loader leaves out are left out, and not stored",
  "keys that nobody asked for are neither answered nor stored",
  "a loader may give a list of pairs, and need not be asynchronous",
  "overlapping calls at once load each key once",
  "a hundred equal calls at once load once",
  "a key that one call's loader left out is left out for those who joined",
  "a loader's own error comes through unchanged, and nothing is stored",
  "a value that cannot be stored is an EncodeError, and nothing is stored",
  "with a ttl of 0 getOrSetMany stores nothing",
  "the views of a closed cache are closed",
  "closing one cache leaves another",
  "close twice, also at once, is harmless",
  "a cache that was never used closes",
  "a cache closes at the end of its scope",
  "close waits for the writes under way",
  "a load under way is told by its signal that the cache is closed",
  "an iterator left lying does not hold up close",
  "get of an absent key tells miss nobody",
  "get of an absent key with a default tells miss nobody",
  "set tells write new",
  "set xx that is refused tells nothing",
  "set with a ttl of 0 over nothing tells nothing",
  "add with a ttl of 0 over nothing tells nothing",
  "add tells write new",
  "setMany tells write x, write y",
  "delete of an absent key tells nothing",
  "take of an absent key tells miss nobody",
  "getOrSet of an absent key tells miss new, write new",
  "getOrSet with a ttl of 0 tells miss new",
  "getOrSet with skip tells miss new",
  "a namespace tells write n:key",
  "has tells nothing",
  "ttl tells nothing",
  "a load that came too late to be stored tells no write",
  "setMany with a ttl of 0 tells no write",
  "an expired key is a miss",
  "an event names the cache",
  "no event carries a value",
  "a failure tells the method that was called",
  "a failing add tells that it was add",
  "a listener is called once, however often it was added",
  "a listener that was taken off is not called",
  "listeners can be given from the start",
  "a view hears what its cache does, and the other way round",
  "what a listener throws is logged, and reaches no caller",
  "an event that does not exist is a ConfigurationError",
  "a listener must be a function",
  "a new cache has counted nothing",
  "statistics count failures",
  "statistics tell how many calls are under way, in a view as in its cache",
]);

function isKept(name: string): boolean {
  return keptRules.has(name) || keptFamilies.some((family) => family.test(name));
}

const exemptions = Object.fromEntries(
  cacheRules
    .filter(({ name }) => !isKept(name))
    .map(({ name }) => [name, "a dummy cache keeps nothing"]),
);

testCacheContract(
  { describe, test },
  {
    name: "dummy",
    clock,
    exemptions,
    open: async (options) => createCache({ location: "dummy:", clock, ...options }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("dummy cache", () => {
  test("the contract still has each rule that is kept", () => {
    const names = cacheRules.map(({ name }) => name);
    expect([...keptRules].filter((name) => !names.includes(name))).toEqual([]);
    expect(keptFamilies.filter((family) => !names.some((name) => family.test(name)))).toEqual([]);
  });

  test("it says that it wrote, and keeps nothing", async () => {
    const cache = createCache({ location: "dummy:" });
    expect(await cache.set("key", 1)).toBe(true);
    expect(await cache.add("key", 1)).toBe(true);
    expect(await cache.setMany({ key: 1 })).toEqual([]);
    expect(await cache.get("key")).toBeUndefined();
    expect(await cache.keys("*")).toEqual([]);
  });

  test("a value that no cache could store is refused all the same", async () => {
    const cache = createCache({ location: "dummy:" });
    await expect(cache.set("key", () => 1)).rejects.toThrow("cannot be stored");
  });

  test("every load runs, and each counter begins anew", async () => {
    const cache = createCache({ location: "dummy:" });
    let loads = 0;
    for (let turn = 0; turn < 3; turn++) await cache.getOrSet("key", () => ++loads);
    expect(loads).toBe(3);
    expect(await cache.incr("n", 5, { ifMissing: "create" })).toBe(5);
    expect(await cache.incr("n", 5, { ifMissing: "create" })).toBe(5);
  });
});
