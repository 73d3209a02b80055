import assert from "node:assert/strict";
import { CacheMissError } from "../../../src/contracts/errors.ts";
import {
  assertTypeError,
  brief,
  type CacheRule,
  call,
  generated,
  momentMs,
  rule,
  times,
} from "./cache-rule.ts";

/** Falsy and empty values, which a careless check would mistake for absence. */
const hollow: readonly unknown[] = [null, 0, false, "", Number.NaN, [], {}, 0n];

/** What reads promise. */
export const readingRules: readonly CacheRule[] = [
  rule("get of an absent key is undefined", async ({ cache }) => {
    assert.equal(await cache.get("nobody"), undefined);
  }),
  rule("get of an absent key answers the default", async ({ cache }) => {
    assert.equal(await cache.get("nobody", { default: "spare" }), "spare");
  }),
  rule("the default may be null", async ({ cache }) => {
    assert.equal(await cache.get("nobody", { default: null }), null);
  }),
  rule("the default is not stored", async ({ cache }) => {
    await cache.get("nobody", { default: "spare" });
    assert.equal(await cache.has("nobody"), false);
  }),
  ...hollow.map((value) =>
    rule(`a stored ${show(value)} is no absence`, async ({ cache }) => {
      await cache.set("key", value);
      assert.deepEqual(await cache.get("key", { default: "spare" }), value);
      assert.deepEqual(await cache.getOrThrow("key"), value);
      assert.equal(await cache.has("key"), true);
      assert.deepEqual([...(await cache.getMany(["key"]))], [["key", value]]);
    }),
  ),
  rule("get answers a living key's value, not the default", async ({ cache }) => {
    await cache.set("key", "value");
    assert.equal(await cache.get("key", { default: "spare" }), "value");
  }),
  rule("an expired key is absent", async ({ cache, pass }) => {
    await cache.set("key", "value", { ttl: brief });
    await pass(momentMs);
    assert.equal(await cache.get("key"), undefined);
    assert.equal(await cache.has("key"), false);
    assert.equal((await cache.getMany(["key"])).size, 0);
  }),
  rule("a change to what was set does not reach the cache", async ({ cache }) => {
    const value = { list: [1], bytes: Buffer.from([1]) };
    await cache.set("key", value);
    value.list.push(2);
    value.bytes[0] = 9;
    assert.deepEqual(await cache.get("key"), { list: [1], bytes: Buffer.from([1]) });
  }),
  rule("a change to what was read does not reach the cache", async ({ cache }) => {
    await cache.set("key", { list: [1], bytes: Buffer.from([1]) });
    const read = await cache.getOrThrow<{ list: number[]; bytes: Buffer }>("key");
    read.list.push(2);
    read.bytes[0] = 9;
    assert.deepEqual(await cache.get("key"), { list: [1], bytes: Buffer.from([1]) });
  }),
  rule("getOrThrow of an absent key is a CacheMissError with the key", async ({ cache }) => {
    await assert.rejects(cache.getOrThrow("nobody"), isMissOf("nobody"));
  }),
  rule("getOrThrow of an expired key is a CacheMissError", async ({ cache, pass }) => {
    await cache.set("key", "value", { ttl: brief });
    await pass(momentMs);
    await assert.rejects(cache.getOrThrow("key"), CacheMissError);
  }),
  rule("getMany answers in the order asked, absent keys left out", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2, c: 3 });
    const found = await cache.getMany(["c", "nobody", "a", "b"]);
    assert.deepEqual([...found], Object.entries({ c: 3, a: 1, b: 2 }));
  }),
  rule("getMany answers a key asked twice once", async ({ cache }) => {
    await cache.set("key", 1);
    assert.deepEqual([...(await cache.getMany(["key", "x", "key"]))], [["key", 1]]);
  }),
  rule("getMany of nothing is empty", async ({ cache }) => {
    assert.deepEqual(await cache.getMany([]), new Map());
    assert.deepEqual(await cache.getMany(generated([])), new Map());
  }),
  rule("getMany takes a generator and a set", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2 });
    assert.equal((await cache.getMany(generated(["a", "b"]))).size, 2);
    assert.equal((await cache.getMany(new Set(["a", "b"]))).size, 2);
  }),
  rule("getMany asks for thousands at once", async ({ cache }) => {
    const entries = times(3_000, (index): [string, number] => [`key ${index}`, index]);
    await cache.setMany(entries);
    assert.deepEqual([...(await cache.getMany(entries.map(([key]) => key)))], entries);
  }),
  ...[undefined, null, 5, "text", {}].map((keys) =>
    rule(`getMany of ${show(keys)} is a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "getMany", keys));
    }),
  ),
  rule("has is true for a living key and false for an absent one", async ({ cache }) => {
    await cache.set("key", 1);
    assert.deepEqual([await cache.has("key"), await cache.has("nobody")], [true, false]);
  }),
  rule("ping is true for a store that answers", async ({ cache }) => {
    assert.equal(await cache.ping(), true);
  }),
];

function isMissOf(key: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof CacheMissError && error.code === "CACHE_MISS" && error.key === key;
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`;
  return Number.isNaN(value) ? "NaN" : (JSON.stringify(value) ?? "undefined");
}
