import assert from "node:assert/strict";
import type { SetOptions } from "../../../src/contracts/cache.ts";
import { EncodeError, ValueTooLargeError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertSameLife,
  assertTypeError,
  type CacheRule,
  call,
  minuteMs,
  momentMs,
  rule,
  times,
  usualMs,
} from "./cache-rule.ts";

/** The outcome of `set`: its answer, whether it stored the new value, the key's lifetime. */
type Effect = readonly [answer: boolean, value: "new" | "old" | "none", livesMs: number | null];

interface Row {
  readonly options: SetOptions;
  readonly overNothing: Effect;
  /** When the key holds a value with a lifetime of a minute. */
  readonly overValue: Effect;
}

const gone: Effect = [true, "none", 0];
const nothing: Effect = [false, "none", 0];
const kept: Effect = [false, "old", minuteMs];

/** Every combination of options of `set`, with its outcome on an absent and on an existing key. */
const matrix: readonly Row[] = [
  { options: {}, overNothing: [true, "new", usualMs], overValue: [true, "new", usualMs] },
  { options: { ttl: 20 }, overNothing: [true, "new", 20_000], overValue: [true, "new", 20_000] },
  { options: { ttl: 20.5 }, overNothing: [true, "new", 20_500], overValue: [true, "new", 20_500] },
  {
    options: { ttl: "2m" },
    overNothing: [true, "new", 120_000],
    overValue: [true, "new", 120_000],
  },
  { options: { ttl: null }, overNothing: [true, "new", null], overValue: [true, "new", null] },
  { options: { ttl: 0 }, overNothing: nothing, overValue: gone },
  { options: { ttl: -1 }, overNothing: nothing, overValue: gone },
  { options: { ttl: "0ms" }, overNothing: nothing, overValue: gone },
  { options: { ttl: "-2h" }, overNothing: nothing, overValue: gone },
  { options: { nx: true }, overNothing: [true, "new", usualMs], overValue: kept },
  { options: { nx: true, ttl: 20 }, overNothing: [true, "new", 20_000], overValue: kept },
  { options: { nx: true, ttl: null }, overNothing: [true, "new", null], overValue: kept },
  { options: { nx: true, ttl: 0 }, overNothing: gone, overValue: kept },
  { options: { nx: true, ttl: -1 }, overNothing: gone, overValue: kept },
  { options: { nx: true, keepTtl: true }, overNothing: [true, "new", usualMs], overValue: kept },
  { options: { nx: true, xx: false }, overNothing: [true, "new", usualMs], overValue: kept },
  { options: { xx: true }, overNothing: nothing, overValue: [true, "new", usualMs] },
  { options: { xx: true, ttl: 20 }, overNothing: nothing, overValue: [true, "new", 20_000] },
  { options: { xx: true, ttl: null }, overNothing: nothing, overValue: [true, "new", null] },
  { options: { xx: true, ttl: 0 }, overNothing: nothing, overValue: gone },
  {
    options: { xx: true, keepTtl: true },
    overNothing: nothing,
    overValue: [true, "new", minuteMs],
  },
  {
    options: { keepTtl: true },
    overNothing: [true, "new", usualMs],
    overValue: [true, "new", minuteMs],
  },
  {
    options: { keepTtl: false, ttl: 20 },
    overNothing: [true, "new", 20_000],
    overValue: [true, "new", 20_000],
  },
];

const contradictions: readonly SetOptions[] = [
  { nx: true, xx: true },
  { keepTtl: true, ttl: 10 },
  { keepTtl: true, ttl: null },
  { keepTtl: true, ttl: 0 },
  { nx: true, xx: true, keepTtl: true },
];

class Point {
  readonly x = 1;
}

const unstorable: readonly (readonly [string, unknown])[] = [
  ["a function", () => 1],
  ["a symbol", Symbol("sign")],
  ["a class instance", new Point()],
  ["an object that holds a function", { deep: [{ call: () => 1 }] }],
  ["an array that holds a class instance", [new Point()]],
  ["a promise", Promise.resolve(1)],
];

/** What `set` and `add` promise. */
export const writingRules: readonly CacheRule[] = [
  ...matrix.map(({ options, overNothing }) =>
    rule(`set with ${JSON.stringify(options)} over nothing`, async ({ cache }) => {
      const [answer, value, livesMs] = overNothing;
      assert.equal(await cache.set("key", "new", options), answer);
      assert.equal(await cache.get("key", { default: "none" }), value);
      await assertLives(cache, "key", livesMs);
    }),
  ),
  ...matrix.map(({ options, overValue }) =>
    rule(`set with ${JSON.stringify(options)} over a value`, async ({ cache }) => {
      const [answer, value, livesMs] = overValue;
      await cache.set("key", "old", { ttl: minuteMs / 1_000 });
      assert.equal(await cache.set("key", "new", options), answer);
      assert.equal(await cache.get("key", { default: "none" }), value);
      await assertLives(cache, "key", livesMs);
    }),
  ),
  ...contradictions.map((options) =>
    rule(
      `set with ${JSON.stringify(options)} is a TypeError, and nothing changes`,
      async (context) => {
        const { cache } = context;
        await cache.set("key", "old", { ttl: null });
        await assert.rejects(cache.set("key", "new", options), TypeError);
        assert.equal(await cache.get("key"), "old");
        await assertLives(cache, "key", null);
      },
    ),
  ),
  ...[0.0001, "1ms", 0.001].map((ttl) =>
    rule(`a lifetime of ${ttl} is short, but a write`, async ({ cache, pass }) => {
      assert.equal(await cache.set("key", "new", { ttl }), true);
      await pass(momentMs);
      assert.equal(await cache.has("key"), false);
    }),
  ),
  rule("keepTtl leaves an endless key endless", async ({ cache }) => {
    await cache.set("key", "old", { ttl: null });
    await cache.set("key", "new", { keepTtl: true });
    await assertLives(cache, "key", null);
  }),
  rule("keepTtl keeps the remaining time to the millisecond", async ({ cache, pass }) => {
    await cache.set("key", "old", { ttl: 60 });
    await pass(7);
    await assertSameLife(cache, "key", () => cache.set("key", "new", { keepTtl: true }));
  }),
  rule("a lifetime may be longer than thirty days", async ({ cache }) => {
    await cache.set("key", 1, { ttl: "10000d" });
    await assertLives(cache, "key", 10_000 * 24 * 60 * minuteMs);
  }),
  ...(["nx", "xx", "keepTtl"] as const).map((flag) =>
    rule(`${flag} is true or false, else a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "set", "a", 1, { [flag]: "no" }));
      assert.equal(await cache.has("a"), false);
    }),
  ),
  rule("set of undefined is a TypeError, and the old value stays", async ({ cache }) => {
    await cache.set("key", "old");
    await assert.rejects(cache.set("key", undefined), TypeError);
    assert.equal(await cache.get("key"), "old");
  }),
  ...unstorable.map(([what, value]) =>
    rule(`${what} is an EncodeError, and the old value stays`, async ({ cache }) => {
      await cache.set("key", "old", { ttl: null });
      await assert.rejects(cache.set("key", value), EncodeError);
      await assert.rejects(cache.add("other", value), EncodeError);
      assert.equal(await cache.get("key"), "old");
      assert.equal(await cache.has("other"), false);
    }),
  ),
  rule("an EncodeError names the key and the place", async ({ cache }) => {
    const value = { user: { save: () => 1 } };
    await assert.rejects(cache.set("key", value), (error: unknown) => {
      assert.ok(error instanceof EncodeError);
      assert.equal(error.key, "key");
      assert.match(error.path, /user.*save/);
      return true;
    });
  }),
  rule("a value beyond maxValueBytes is refused, and the old one stays", async ({ open }) => {
    const cache = await open({ maxValueBytes: 100 });
    await cache.set("key", "old");
    await assert.rejects(cache.set("key", "x".repeat(200)), ValueTooLargeError);
    assert.equal(await cache.get("key"), "old");
  }),
  rule("add writes over nothing and refuses over a value", async ({ cache }) => {
    assert.equal(await cache.add("key", "first"), true);
    assert.equal(await cache.add("key", "second"), false);
    assert.equal(await cache.get("key"), "first");
  }),
  rule("add gives the lifetime it is told, and leaves that of a value alone", async ({ cache }) => {
    await cache.add("key", "first", { ttl: 60 });
    await cache.add("key", "second", { ttl: null });
    await assertLives(cache, "key", 60_000);
    await cache.add("endless", 1, { ttl: null });
    await assertLives(cache, "endless", null);
    await cache.add("usual", 1);
    await assertLives(cache, "usual", usualMs);
  }),
  rule(
    "add with a ttl of 0 writes nothing and answers whether it was absent",
    async ({ cache }) => {
      assert.equal(await cache.add("key", 1, { ttl: 0 }), true);
      assert.equal(await cache.has("key"), false);
      await cache.set("key", "old");
      assert.equal(await cache.add("key", 1, { ttl: -1 }), false);
      assert.equal(await cache.get("key"), "old");
    },
  ),
  rule("of a hundred who add at once exactly one writes", async ({ cache }) => {
    const written = await Promise.all(times(100, (index) => cache.add("key", index)));
    assert.equal(written.filter(Boolean).length, 1);
    assert.equal(await cache.get("key"), written.indexOf(true));
  }),
];
