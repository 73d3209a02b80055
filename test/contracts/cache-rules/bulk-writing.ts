import assert from "node:assert/strict";
import { EncodeError, ValueTooLargeError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertTypeError,
  type CacheRule,
  call,
  generated,
  rule,
  sortedKeys,
  times,
  usualMs,
} from "./cache-rule.ts";

const pairs: readonly (readonly [string, number])[] = [
  ["a", 1],
  ["b", 2],
];

/** What `setMany` promises. */
export const bulkWritingRules: readonly CacheRule[] = [
  ...[
    ["an object", () => ({ a: 1, b: 2 })] as const,
    ["a Map", () => new Map(pairs)] as const,
    ["a list of pairs", () => pairs] as const,
    ["a generator of pairs", () => generated(pairs)] as const,
  ].map(([what, entries]) =>
    rule(`setMany takes ${what}`, async ({ cache }) => {
      assert.deepEqual(await cache.setMany(entries()), []);
      assert.deepEqual([...(await cache.getMany(["a", "b"]))], pairs);
    }),
  ),
  rule("setMany of nothing is harmless", async ({ cache }) => {
    assert.deepEqual(await cache.setMany({}), []);
    assert.deepEqual(await cache.setMany([]), []);
    assert.deepEqual(await cache.setMany({}, { ttl: 0 }), []);
  }),
  rule("setMany gives all the lifetime it is told", async ({ cache }) => {
    await cache.setMany({ a: 1, b: 2 }, { ttl: 20 });
    await cache.setMany({ endless: 1 }, { ttl: null });
    await cache.setMany({ usual: 1 });
    await assertLives(cache, "a", 20_000);
    await assertLives(cache, "b", 20_000);
    await assertLives(cache, "endless", null);
    await assertLives(cache, "usual", usualMs);
  }),
  ...[0, -1, "-5m"].map((ttl) =>
    rule(`setMany with a ttl of ${ttl} removes its keys and answers []`, async ({ cache }) => {
      await cache.setMany({ a: 1, b: 2, bystander: 3 });
      assert.deepEqual(await cache.setMany({ a: 9, nobody: 9, b: 9 }, { ttl }), []);
      assert.deepEqual(await sortedKeys(cache), ["bystander"]);
    }),
  ),
  rule("of a key given twice the last value counts", async ({ cache }) => {
    const twice: [string, number][] = [
      ["key", 1],
      ["key", 2],
    ];
    await cache.setMany(twice);
    assert.equal(await cache.get("key"), 2);
  }),
  rule("setMany writes over what is there, and stores null", async ({ cache }) => {
    await cache.set("a", "old", { ttl: null });
    await cache.setMany({ a: null });
    assert.equal(await cache.get("a", { default: "spare" }), null);
    await assertLives(cache, "a", usualMs);
  }),
  rule("setMany stores thousands at once", async ({ cache }) => {
    const entries = times(3_000, (index): [string, number] => [`key ${index}`, index]);
    assert.deepEqual(await cache.setMany(entries), []);
    assert.equal((await cache.keys("*")).length, 3_000);
  }),
  ...Object.entries({
    "a promise": Promise.resolve({ a: 1 }),
    "a Date": new Date(),
    "a function": () => ({ a: 1 }),
  }).map(([what, entries]) =>
    rule(`setMany of ${what} is a TypeError, not an empty batch`, async ({ cache }) => {
      await assertTypeError(call(cache, "setMany", entries));
    }),
  ),
  rule(
    "an undefined among the values is a TypeError, and nothing is written",
    async ({ cache }) => {
      await cache.set("a", "old");
      await assert.rejects(cache.setMany({ a: 1, b: undefined, c: 3 }), TypeError);
      assert.deepEqual([...(await cache.getMany(["a", "b", "c"]))], [["a", "old"]]);
    },
  ),
  rule("an undefined is a TypeError also where nothing would be kept", async ({ cache }) => {
    await cache.set("a", "old");
    await assert.rejects(cache.setMany({ a: 1, b: undefined }, { ttl: 0 }), TypeError);
    assert.equal(await cache.get("a"), "old");
  }),
  rule("a value that cannot be stored leaves all keys as they were", async ({ cache }) => {
    await cache.set("a", "old", { ttl: null });
    const entries = { a: 1, b: { call: () => 1 }, c: 3 };
    await assert.rejects(cache.setMany(entries), EncodeError);
    assert.deepEqual([...(await cache.getMany(["a", "b", "c"]))], [["a", "old"]]);
    await assertLives(cache, "a", null);
  }),
  rule("a value that is too large leaves all keys as they were", async ({ open }) => {
    const cache = await open({ maxValueBytes: 100 });
    await cache.set("a", "old");
    await assert.rejects(cache.setMany({ a: 1, b: "x".repeat(200) }), ValueTooLargeError);
    assert.deepEqual([...(await cache.getMany(["a", "b"]))], [["a", "old"]]);
  }),
  rule("a bad key leaves all keys as they were", async ({ cache }) => {
    await cache.set("a", "old");
    await assert.rejects(cache.setMany({ a: 1, "": 2 }), TypeError);
    assert.deepEqual([...(await cache.getMany(["a"]))], [["a", "old"]]);
  }),
  ...[undefined, null, 5, "text", [1], ["ab"], [[5, 1]], [["key"]]].map((entries) =>
    rule(`setMany of ${JSON.stringify(entries)} is a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "setMany", entries));
      assert.deepEqual(await cache.keys("*"), []);
    }),
  ),
];
