import assert from "node:assert/strict";
import type { Cache } from "../../src/contracts/cache.ts";

/** One use of a cache, and what it must come to. Keys are of its own. */
export type Use = readonly [name: string, use: (cache: Cache) => Promise<void>];

/** Every verb that asks the store for something, but for `flushDatabase`, at work on real values. */
export const basicApi: readonly Use[] = [
  [
    "values are stored, read, tested and removed",
    async (cache) => {
      const value = { text: "é😀", list: [1, null, { deep: true }] };
      assert.equal(await cache.set("value", value), true);
      assert.deepEqual(await cache.get("value"), value);
      assert.deepEqual(await cache.getOrThrow("value"), value);
      assert.equal(await cache.has("value"), true);
      assert.equal(await cache.delete("value"), true);
      assert.equal(await cache.get("value"), undefined);
    },
  ],
  [
    "binary values and dates come back as they were",
    async (cache) => {
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      const value = { bytes, when: new Date(0), big: 2n ** 70n, map: new Map([[1, "one"]]) };
      await cache.set("rich", value);
      assert.deepEqual(await cache.get("rich"), value);
      assert.deepEqual(await cache.take("rich"), value);
    },
  ],
  [
    "conditional writes",
    async (cache) => {
      assert.equal(await cache.set("condition", 1, { xx: true }), false);
      assert.equal(await cache.add("condition", 1), true);
      assert.equal(await cache.add("condition", 2), false);
      assert.equal(await cache.set("condition", 3, { nx: true }), false);
      assert.equal(await cache.set("condition", 4, { xx: true }), true);
      assert.equal(await cache.set("condition", 5, { nx: true, ttl: 0 }), false);
      assert.equal(await cache.get("condition"), 4);
      assert.equal(await cache.set("condition", 6, { ttl: 0 }), true);
      assert.equal(await cache.has("condition"), false);
    },
  ],
  [
    "many at once",
    async (cache) => {
      assert.deepEqual(await cache.setMany({ "many a": 1, "many b": "two" }), []);
      const found = await cache.getMany(["many b", "many none", "many a"]);
      assert.deepEqual(
        [...found],
        [
          ["many b", "two"],
          ["many a", 1],
        ],
      );
      assert.equal(await cache.deleteMany(["many a", "many b", "many none"]), 2);
    },
  ],
  [
    "loading",
    async (cache) => {
      assert.equal(await cache.getOrSet("load", async () => "made"), "made");
      assert.equal(await cache.getOrSet("load", () => "not made"), "made");
      const loaded = await cache.getOrSetMany(["load", "load more"], (keys) =>
        keys.map((key) => [key, `made ${key}`] as const),
      );
      assert.deepEqual([...loaded.values()], ["made", "made load more"]);
      const memoized = cache.memoize(async (n: number) => n * 2, { key: "double" });
      assert.equal(await memoized(4), 8);
      assert.equal(await memoized.refresh(4), 8);
      assert.equal(await memoized.invalidate(4), true);
    },
  ],
  [
    "counting",
    async (cache) => {
      assert.equal(await cache.incr("count", 5, { ifMissing: "create", ttl: 60 }), 5);
      assert.equal(await cache.incr("count"), 6);
      assert.equal(await cache.decr("count", 2), 4);
      assert.equal(await cache.get("count"), 4);
      assert.equal(await cache.ttl("count"), 60);
      await cache.set("count", 2n ** 62n);
      assert.equal(await cache.incr("count", 1n), 2n ** 62n + 1n);
      await assert.rejects(cache.incr("count", 2n ** 62n), { code: "COUNTER_OVERFLOW" });
      await assert.rejects(cache.incr("count none"), { code: "CACHE_MISS" });
      await cache.set("count text", "text");
      await assert.rejects(cache.incr("count text"), { code: "NOT_AN_INTEGER" });
    },
  ],
  [
    "lifetimes",
    async (cache) => {
      await cache.set("life", 1, { ttl: null });
      assert.equal(await cache.ttl("life"), null);
      assert.equal(await cache.touch("life", 50), true);
      assert.equal(await cache.ttl("life"), 50);
      assert.equal(await cache.touch("life", null), true);
      assert.equal(await cache.persist("life"), false);
      assert.equal(await cache.expire("life", "40s"), true);
      assert.equal(await cache.set("life", 2, { keepTtl: true }), true);
      assert.equal(await cache.ttl("life"), 40);
      assert.equal(await cache.pexpire("life", 30_000), true);
      const left = await cache.pttl("life");
      assert.ok(left !== null && left > 29_000 && left <= 30_000);
      assert.equal(await cache.expireAt("life", new Date(Date.now() + 20_000)), true);
      assert.equal(await cache.pexpireAt("life", Date.now() + 10_000), true);
      assert.equal(await cache.persist("life"), true);
      assert.equal(await cache.expireAt("life", 1), true);
      assert.equal(await cache.has("life"), false);
      assert.equal(await cache.pttl("life"), 0);
    },
  ],
  [
    "versions",
    async (cache) => {
      await cache.set("moving", "value", { ttl: 60 });
      assert.equal(await cache.incrVersion("moving"), 2);
      assert.equal(await cache.get("moving"), undefined);
      assert.equal(await cache.withVersion(2).get("moving"), "value");
      assert.equal(await cache.decrVersion("moving", 1, { version: 2 }), 1);
      assert.equal(await cache.ttl("moving"), 60);
      await assert.rejects(cache.incrVersion("moving none"), { code: "CACHE_MISS" });
    },
  ],
  [
    "patterns and namespaces",
    async (cache) => {
      const users = cache.namespace("users");
      await users.setMany({ ann: 1, bob: 2, "b*b": 3 });
      assert.deepEqual((await users.keys("*")).toSorted(), ["ann", "b*b", "bob"]);
      assert.deepEqual(await users.keys("b\\*b"), ["b*b"]);
      const streamed: string[] = [];
      for await (const key of cache.iterKeys("users:a*")) streamed.push(key);
      assert.deepEqual(streamed, ["users:ann"]);
      assert.equal(await users.deletePattern("b*"), 2);
      assert.equal(await users.clear(), 1);
    },
  ],
  [
    "locks",
    async (cache) => {
      const lock = await cache.lock("door", { ttl: 10, wait: 0 });
      await assert.rejects(cache.lock("door", { ttl: 10, wait: 0 }), { code: "LOCK_TIMEOUT" });
      await lock.extend(20);
      assert.equal(lock.isHeld(), true);
      assert.equal(await lock.release(), true);
      const fence = await cache.withLock("door", { ttl: 10 }, (_signal, held) => held.fence);
      assert.ok(fence > lock.fence);
    },
  ],
  [
    "asking whether the store is there",
    async (cache) => {
      assert.equal(await cache.ping(), true);
    },
  ],
  [
    "clearing",
    async (cache) => {
      await cache.clear();
      assert.deepEqual(await cache.keys("*"), []);
    },
  ],
];
