import assert from "node:assert/strict";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import type { CountFailure } from "../../../src/contracts/store.ts";
import {
  assertHolds,
  assertLives,
  forAMinute,
  forever,
  justWritten,
  rule,
  type StoreRule,
  times,
} from "./store-rule.ts";

const least = -(2n ** 63n);
const greatest = 2n ** 63n - 1n;

const noIntegers: readonly (readonly [string, Encoded])[] = [
  ["empty text", ""],
  ["a fraction", "1.5"],
  ["an exponent", "1e3"],
  ["a zero with a minus", "-0"],
  ["zeroes before a digit", "007"],
  ["zeroes alone", "00"],
  ["a minus alone", "-"],
  ["a plus before a digit", "+5"],
  ["a space before a digit", " 5"],
  ["a line end after a digit", "5\n"],
  ["hexadecimal", "0x10"],
  ["words", "five"],
  ["digits of another script", "٣"],
  ["bytes that are no text", Uint8Array.of(0xff, 0x00)],
];

/** The stored integer, the delta, and a sum that fits in 64 bits. */
const sums: readonly (readonly [bigint, bigint, bigint])[] = [
  [0n, 0n, 0n],
  [5n, 1n, 6n],
  [5n, -7n, -2n],
  [2n ** 53n, 1n, 2n ** 53n + 1n],
  [greatest - 1n, 1n, greatest],
  [greatest, 0n, greatest],
  [greatest, least, -1n],
  [0n, greatest, greatest],
  [least + 1n, -1n, least],
  [0n, least, least],
  [least, greatest, -1n],
];

/** Stored integers and deltas whose sum, or one of them, does not fit in 64 bits. */
const overflows: readonly (readonly [bigint, bigint])[] = [
  [greatest, 1n],
  [greatest, greatest],
  [least, -1n],
  [least, least],
  [0n, greatest + 1n],
  [-1n, greatest + 1n],
  [0n, least - 1n],
  [greatest + 1n, 0n],
  [greatest + 1n, -1n],
  [least - 1n, 1n],
  [10n ** 40n, 1n],
];

/** What counters promise. */
export const countingRules: readonly StoreRule[] = [
  ...sums.map(([stored, delta, sum]) =>
    rule(`${stored} and ${delta} count up to ${sum}`, async (store) => {
      await store.set("key", `${stored}`, justWritten);
      assert.equal(await store.count("key", delta, {}), sum);
      await assertHolds(store, "key", `${sum}`);
    }),
  ),
  ...overflows.map(([stored, delta]) =>
    failing("overflow", [`${stored} and ${delta} overflow`, `${stored}`, delta]),
  ),
  ...noIntegers.map(([what, stored]) =>
    failing("not-an-integer", [`${what} is not an integer`, stored, 1n]),
  ),
  rule("bytes that spell an integer count as one", async (store) => {
    await store.set("key", Uint8Array.of(0x34, 0x31), justWritten);
    assert.equal(await store.count("key", 1n, {}), 42n);
  }),
  rule("a count keeps the lifetime", async (store) => {
    await store.set("key", "1", justWritten);
    await store.count("key", 1n, { createWith: "forever" });
    await assertLives(store, "key", forAMinute);
  }),
  rule("a count leaves an endless key endless", async (store) => {
    await store.set("key", "1", forever);
    await store.count("key", 1n, { createWith: forAMinute });
    await assertLives(store, "key", "forever");
  }),
  rule("an absent counter is not created unasked", async (store) => {
    assert.equal(await store.count("nobody", 1n, {}), "absent");
    assert.equal(await store.has("nobody"), false);
  }),
  rule("an absent counter that is asked for begins at zero", async (store) => {
    assert.equal(await store.count("key", -3n, { createWith: "forever" }), -3n);
    await assertHolds(store, "key", "-3");
  }),
  rule("a created counter has the lifetime asked for", async (store) => {
    await store.count("key", 1n, { createWith: forAMinute });
    await assertLives(store, "key", forAMinute);
  }),
  rule("a created counter can be endless", async (store) => {
    await store.count("key", 1n, { createWith: "forever" });
    await assertLives(store, "key", "forever");
  }),
  ...[0, -1].map((ttlMs) =>
    rule(`a counter created for ${ttlMs} ms is counted and not kept`, async (store) => {
      assert.equal(await store.count("key", 5n, { createWith: { ttlMs } }), 5n);
      assert.equal(await store.has("key"), false);
    }),
  ),
  rule("a counter that would begin beyond 64 bits is not created", async (store) => {
    const rules = { createWith: forAMinute };
    assert.equal(await store.count("key", greatest + 1n, rules), "overflow");
    assert.equal(await store.has("key"), false);
  }),
  rule("a thousand counts at once are all counted", async (store) => {
    const rules = { createWith: forAMinute };
    const counts = await Promise.all(times(1_000, () => store.count("key", 1n, rules)));
    assert.equal(new Set(counts).size, 1_000);
    await assertHolds(store, "key", "1000");
  }),
  rule("counts up and down at once cancel out", async (store) => {
    await store.set("key", "7", justWritten);
    await Promise.all(times(1_000, (index) => store.count("key", index % 2 === 0 ? 3n : -3n, {})));
    await assertHolds(store, "key", "7");
  }),
];

/** Checks that a failed count changes neither value nor lifetime. */
function failing(
  failure: CountFailure,
  [name, stored, delta]: readonly [string, Encoded, bigint],
): StoreRule {
  return rule(`${name}, and value and lifetime stay`, async (store) => {
    await store.set("key", stored, justWritten);
    assert.equal(await store.count("key", delta, { createWith: "forever" }), failure);
    await assertHolds(store, "key", stored);
    await assertLives(store, "key", forAMinute);
  });
}
