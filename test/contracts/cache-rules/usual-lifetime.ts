import assert from "node:assert/strict";
import { assertLives, type CacheRule, rule } from "./cache-rule.ts";

/** What the cache-wide `ttl` promises. */
export const usualLifetimeRules: readonly CacheRule[] = [
  rule("a cache-wide ttl is that of every write that names none", async ({ open }) => {
    const cache = await open({ ttl: "1h" });
    await cache.set("set", 1);
    await cache.setMany({ setMany: 1 });
    await cache.add("add", 1);
    await cache.incr("incr", 1, { ifMissing: "create" });
    await cache.getOrSet("getOrSet", () => 1);
    await cache.getOrSetMany(["getOrSetMany"], async () => new Map([["getOrSetMany", 1]]));
    await cache.set("keepTtl", 1, { keepTtl: true });
    for (const key of await cache.keys("*")) await assertLives(cache, key, 3_600_000);
    assert.equal((await cache.keys("*")).length, 7);
  }),
  rule("a cache-wide ttl of null lets every write live for ever", async ({ open }) => {
    const cache = await open({ ttl: null });
    await cache.set("set", 1);
    await cache.setMany({ setMany: 1 });
    await cache.add("add", 1);
    await cache.incr("incr", 1, { ifMissing: "create" });
    await cache.getOrSet("getOrSet", () => 1);
    await cache.set("keepTtl", 1, { keepTtl: true });
    await cache.set("touched", 1, { ttl: 10 });
    assert.equal(await cache.touch("touched"), true);
    for (const key of await cache.keys("*")) await assertLives(cache, key, null);
    assert.equal((await cache.keys("*")).length, 7);
  }),
  rule("a cache-wide ttl of 0 keeps nothing", async ({ open }) => {
    const cache = await open({ ttl: 0 });
    assert.equal(await cache.set("key", 1), false);
    assert.equal(await cache.add("key", 1), true);
    assert.deepEqual(await cache.setMany({ key: 1 }), []);
    assert.equal(await cache.incr("key", 5, { ifMissing: "create" }), 5);
    assert.equal(await cache.getOrSet("key", () => "made"), "made");
    const many = await cache.getOrSetMany(["key"], async () => new Map([["key", 2]]));
    assert.deepEqual([...many], [["key", 2]]);
    assert.equal(await cache.set("key", 1, { keepTtl: true }), false);
    assert.deepEqual(await cache.keys("*"), []);
  }),
  rule("under a cache-wide ttl of 0 a call may still name its own", async ({ open }) => {
    const cache = await open({ ttl: 0 });
    assert.equal(await cache.set("key", 1, { ttl: 60 }), true);
    await assertLives(cache, "key", 60_000);
  }),
  rule("under a cache-wide ttl of 0 a plain set removes what is there", async ({ open }) => {
    const cache = await open({ ttl: 0 });
    await cache.set("key", 1, { ttl: 60 });
    assert.equal(await cache.set("key", 2), true);
    assert.equal(await cache.has("key"), false);
  }),
  rule("under a cache-wide ttl of 0 keepTtl writes over a living key", async ({ open }) => {
    const cache = await open({ ttl: 0 });
    await cache.set("key", 1, { ttl: 60 });
    assert.equal(await cache.set("key", 2, { keepTtl: true }), true);
    assert.equal(await cache.get("key"), 2);
    await assertLives(cache, "key", 60_000);
  }),
  rule("under a cache-wide ttl of 0 touch removes a key", async ({ open }) => {
    const cache = await open({ ttl: 0 });
    await cache.set("key", 1, { ttl: 60 });
    assert.equal(await cache.touch("key"), true);
    assert.equal(await cache.has("key"), false);
  }),
];
