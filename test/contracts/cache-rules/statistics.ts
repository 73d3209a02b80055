import assert from "node:assert/strict";
import type { CacheStats } from "../../../src/contracts/events.ts";
import { type CacheRule, rule } from "./cache-rule.ts";

/** What `stats` promises. */
export const statisticsRules: readonly CacheRule[] = [
  rule("a deletePattern that was called off counts what it had deleted", async ({ cache }) => {
    await cache.setMany(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key ${i}`, i])));
    const stop = new AbortController();
    const deleting = cache.deletePattern("*", {
      scanCount: 5,
      onProgress: () => stop.abort(new RangeError("enough")),
      signal: stop.signal,
    });
    await assert.rejects(deleting, RangeError);
    const left = await cache.keys("*");
    assert.equal(cache.stats().deletes, 50 - left.length);
  }),
  rule("a new cache has counted nothing", async ({ cache }) => {
    assert.deepEqual({ ...cache.stats(), name: "" }, { ...nothingCounted, name: "" });
  }),
  rule("statistics count hits, misses, writes, deletes and loads", async ({ cache }) => {
    await cache.set("a", 1);
    await cache.setMany({ b: 2, c: 3 });
    await cache.getMany(["a", "b", "nobody"]);
    await cache.get("a");
    await cache.getOrSet("d", () => 4);
    await cache.getOrSetMany(["d", "e"], () => new Map([["e", 5]]));
    await cache.delete("a");
    await cache.deleteMany(["b", "nobody"]);
    await cache.deletePattern("c");
    await cache.namespace("n").set("key", 1);
    const { hits, misses, writes, deletes, loads, hitRate } = cache.stats();
    assert.deepEqual(
      { hits, misses, writes, deletes, loads },
      { hits: 4, misses: 3, writes: 6, deletes: 3, loads: 2 },
    );
    assert.equal(hitRate, 4 / 7);
    assert.deepEqual(cache.namespace("n").stats(), cache.stats());
  }),
  rule("statistics count failures", async ({ cache }) => {
    await Promise.allSettled([cache.set("key", () => 1), cache.set("key", Symbol("sign"))]);
    const { errors, ignoredErrors, writes } = cache.stats();
    assert.deepEqual({ errors, ignoredErrors, writes }, { errors: 2, ignoredErrors: 0, writes: 0 });
  }),
  rule(
    "statistics tell how many calls are under way, in a view as in its cache",
    async ({ cache }) => {
      await cache.set("key", 1);
      const view = cache.namespace("n");
      const reads = [cache.get("key"), cache.get("key"), view.get("key")];
      assert.deepEqual([cache.stats().pending, view.stats().pending], [3, 3]);
      await Promise.all(reads);
      assert.deepEqual([cache.stats().pending, view.stats().pending], [0, 0]);
    },
  ),
];

const nothingCounted: CacheStats = {
  name: "",
  hits: 0,
  misses: 0,
  hitRate: 0,
  writes: 0,
  deletes: 0,
  loads: 0,
  errors: 0,
  ignoredErrors: 0,
  pending: 0,
  circuit: "closed",
};
