import assert from "node:assert/strict";
import {
  assertTypeError,
  brief,
  type CacheRule,
  call,
  generated,
  momentMs,
  rule,
  sortedKeys,
  times,
} from "./cache-rule.ts";

/** What `delete`, `deleteMany`, `take` and `flushDatabase` promise. */
export const removingRules: readonly CacheRule[] = [
  rule("delete answers whether the key existed", async ({ cache }) => {
    await cache.set("key", null);
    assert.equal(await cache.delete("key"), true);
    assert.equal(await cache.delete("key"), false);
    assert.equal(await cache.has("key"), false);
  }),
  rule("delete of an expired key is false", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    assert.equal(await cache.delete("key"), false);
  }),
  rule("deleteMany answers how many existed, and leaves the others", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2, bystander: 3 });
    assert.equal(await cache.deleteMany(["a", "nobody", "b"]), 2);
    assert.deepEqual(await sortedKeys(cache), ["bystander"]);
  }),
  rule("deleteMany counts a key given twice once", async ({ cache }) => {
    await cache.set("key", 1);
    assert.equal(await cache.deleteMany(["key", "key"]), 1);
  }),
  rule("deleteMany takes a generator", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2 });
    assert.equal(await cache.deleteMany(generated(["a", "b"])), 2);
  }),
  rule("deleteMany of nothing answers 0", async ({ cache }) => {
    assert.equal(await cache.deleteMany([]), 0);
    assert.equal(await cache.deleteMany(generated([])), 0);
  }),
  rule("deleteMany removes thousands at once", async ({ cache }) => {
    const keys = times(3_000, (index) => `key ${index}`);
    await cache.setMany(keys.map((key) => [key, 1] as const));
    assert.equal(await cache.deleteMany(keys), 3_000);
    assert.deepEqual(await cache.keys("*"), []);
  }),
  rule("a bad key among those to delete leaves all as they were", async ({ cache }) => {
    await cache.set("a", 1);
    await assert.rejects(cache.deleteMany(["a", ""]), TypeError);
    assert.equal(await cache.get("a"), 1);
  }),
  rule("deleteMany of a lone text is a TypeError, not a list of letters", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2 });
    await assertTypeError(call(cache, "deleteMany", "ab"));
    assert.equal((await cache.keys("*")).length, 2);
  }),
  rule("take answers the value and removes it", async ({ cache }) => {
    await cache.set("key", { ticket: 1 });
    assert.deepEqual(await cache.take("key"), { ticket: 1 });
    assert.equal(await cache.has("key"), false);
    assert.equal(await cache.take("key"), undefined);
  }),
  rule("take answers a stored null as null", async ({ cache }) => {
    await cache.set("key", null);
    assert.equal(await cache.take("key"), null);
  }),
  rule("take of an expired key is undefined", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    assert.equal(await cache.take("key"), undefined);
  }),
  rule("of a hundred who take at once exactly one gets the value", async ({ cache }) => {
    await cache.set("key", "ticket");
    const taken = await Promise.all(times(100, () => cache.take("key")));
    assert.deepEqual(
      taken.filter((value) => value !== undefined),
      ["ticket"],
    );
  }),
  rule("flushDatabase removes what other prefixes and versions hold", async ({ cache }) => {
    await cache.set("a", 1);
    await cache.set("a", 1, { version: 2 });
    await cache.namespace("n").set("b", 1);
    assert.equal(await cache.flushDatabase(), undefined);
    assert.equal(await cache.clear(), 0);
  }),
];
