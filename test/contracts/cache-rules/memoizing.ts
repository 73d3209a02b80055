import assert from "node:assert/strict";
import { ConfigurationError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertTypeError,
  type CacheRule,
  call,
  gate,
  minuteMs,
  rule,
  times,
} from "./cache-rule.ts";

class Point {
  readonly x = 1;
}

/** The arguments of two calls, and whether the memoized function treats them as the same call. */
const pairsOfCalls: readonly (readonly [
  string,
  readonly unknown[],
  readonly unknown[],
  boolean,
])[] = [
  ["the same numbers", [1, 2], [1, 2], true],
  ["other numbers", [1, 2], [2, 1], false],
  ["a number and its text", [1], ["1"], false],
  ["a number and its bigint", [1], [1n], false],
  ["null and undefined", [null], [undefined], false],
  ["null and its name", [null], ["null"], false],
  ["one argument fewer", [1], [1, undefined], false],
  ["none and undefined", [], [undefined], false],
  ["a text with a comma and two texts", ['a","b'], ["a", "b"], false],
  ["a list and its items", [[1, 2]], [1, 2], false],
  ["nesting", [[[1], 2]], [[1, [2]]], false],
  ["fields in another order", [{ a: 1, b: 2 }], [{ b: 2, a: 1 }], true],
  ["inner fields in another order", [{ x: { a: 1, b: 2 } }], [{ x: { b: 2, a: 1 } }], true],
  ["other values of fields", [{ a: 1 }], [{ a: 2 }], false],
  ["a field more", [{ a: 1 }], [{ a: 1, b: undefined }], false],
  ["equal dates", [new Date(5)], [new Date(5)], true],
  ["a date and its number", [new Date(5)], [5], false],
  ["equal bytes", [Buffer.from("a")], [Uint8Array.of(97)], true],
  ["sets in another order", [new Set([1, 2])], [new Set([2, 1])], true],
  ["a set and a list", [new Set([1])], [[1]], false],
  [
    "maps in another order",
    [new Map(Object.entries({ a: 1, b: 2 }))],
    [new Map(Object.entries({ b: 2, a: 1 }))],
    true,
  ],
  ["a map and an object", [new Map([["a", 1]])], [{ a: 1 }], false],
  ["zero and minus zero", [0], [-0], false],
  ["NaN and NaN", [Number.NaN], [Number.NaN], true],
  ["a hole and nothing", [Array(1)], [[]], false],
  ["long texts", ["a".repeat(500)], ["a".repeat(499)], false],
  ["equal long texts", ["a".repeat(500)], ["a".repeat(500)], true],
  ["halves of surrogate pairs", ["\ud800"], ["\ud801"], false],
  ["hostile texts", ["*"], ["\\*"], false],
];

/** What `memoize` promises. */
export const memoizeRules: readonly CacheRule[] = [
  ...pairsOfCalls.map(([what, one, other, same]) =>
    rule(`${what} are ${same ? "one call" : "two calls"}`, async ({ cache }) => {
      let runs = 0;
      const count = cache.memoize(async (..._args: readonly unknown[]) => ++runs, { key: "count" });
      assert.equal(await count(...one), 1);
      assert.equal(await count(...other), same ? 1 : 2);
    }),
  ),
  rule("a memoized function answers what the function gives", async ({ cache }) => {
    const add = cache.memoize(async function add(one: number, other: number) {
      return { sum: one + other };
    });
    assert.deepEqual([await add(1, 2), await add(1, 2)], [{ sum: 3 }, { sum: 3 }]);
  }),
  rule("a function that is not asynchronous can be memoized", async ({ cache }) => {
    let runs = 0;
    const once = cache.memoize(function once() {
      return ++runs;
    });
    assert.deepEqual([await once(), await once()], [1, 1]);
  }),
  rule("functions of different names do not share results", async ({ cache }) => {
    const one = cache.memoize(function one() {
      return 1;
    });
    const other = cache.memoize(function other() {
      return 2;
    });
    assert.deepEqual([await one(), await other()], [1, 2]);
  }),
  rule("functions of one key share their results", async ({ cache }) => {
    const one = cache.memoize(() => 1, { key: "shared" });
    const other = cache.memoize(() => 2, { key: "shared" });
    assert.deepEqual([await one(), await other()], [1, 1]);
  }),
  rule("an anonymous function needs a key", async ({ cache }) => {
    assert.throws(() => cache.memoize(() => 1), ConfigurationError);
    assert.throws(() => cache.memoize(() => 1, { key: "" }), ConfigurationError);
    assert.equal(await cache.memoize(() => 1, { key: "named" })(), 1);
  }),
  rule("bad options are told when wrapping, not at the first call", async ({ cache }) => {
    assert.throws(() => cache.memoize(function load() {}, { ttl: "soon" }), TypeError);
  }),
  ...[undefined, null, 5, "text", {}].map((fn) =>
    rule(`memoize of ${JSON.stringify(fn)} is a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "memoize", fn, { key: "key" }));
    }),
  ),
  rule("a key function makes the whole key", async ({ cache }) => {
    const load = cache.memoize((user: { id: number }) => `user ${user.id}`, {
      key: (user) => `user:${user.id}`,
    });
    await load({ id: 7 });
    assert.equal(await cache.get("user:7"), "user 7");
  }),
  rule("a key function's error is the call's", async ({ cache }) => {
    const error = new RangeError("no key");
    const load = cache.memoize(() => 1, {
      key: () => {
        throw error;
      },
    });
    await assert.rejects(load(), error);
    await assert.rejects(load.invalidate(), error);
    await assert.rejects(load.refresh(), error);
  }),
  ...Object.entries({
    "a function": () => 1,
    "a symbol": Symbol("sign"),
    "a class instance": new Point(),
    "a function deep inside": [{ deep: () => 1 }],
  }).map(([what, argument]) =>
    rule(`${what} as an argument needs a key function`, async ({ cache }) => {
      const memoized = cache.memoize((given: unknown) => typeof given, { key: "key" });
      await assertTypeError(memoized(argument));
    }),
  ),
  rule("invalidate forgets one result and answers whether there was one", async ({ cache }) => {
    let runs = 0;
    const count = cache.memoize(async (name: string) => `${name}${++runs}`, { key: "count" });
    await count("a");
    await count("b");
    assert.equal(await count.invalidate("a"), true);
    assert.equal(await count.invalidate("a"), false);
    assert.deepEqual([await count("a"), await count("b")], ["a3", "b2"]);
  }),
  rule("refresh runs the function and stores its result", async ({ cache }) => {
    let runs = 0;
    const count = cache.memoize(async () => ++runs, { key: "count" });
    assert.deepEqual([await count(), await count.refresh(), await count()], [1, 2, 2]);
  }),
  rule("refresh of what was never asked stores it", async ({ cache }) => {
    let runs = 0;
    const count = cache.memoize(async () => ++runs, { key: "count" });
    assert.deepEqual([await count.refresh(), await count()], [1, 1]);
  }),
  rule("a refresh that fails leaves the old result", async ({ cache }) => {
    let runs = 0;
    const count = cache.memoize(
      async () => {
        runs += 1;
        if (runs === 2) throw new RangeError("mine");
        return runs;
      },
      { key: "count" },
    );
    await count();
    await assert.rejects(count.refresh(), RangeError);
    assert.equal(await count(), 1);
  }),
  rule("a refresh does not bring back what was invalidated after it began", async ({ cache }) => {
    const door = gate();
    const load = cache.memoize(() => door.promise.then(() => "old"), { key: () => "key" });
    await cache.set("key", "older");
    const refreshing = load.refresh();
    assert.equal(await load.invalidate(), true);
    door.open();
    assert.equal(await refreshing, "old");
    assert.equal(await cache.get("key"), undefined);
  }),
  rule("a refresh does not bring back what was touched to death meanwhile", async ({ cache }) => {
    const door = gate();
    const load = cache.memoize(() => door.promise.then(() => "old"), { key: () => "key" });
    await cache.set("key", "older");
    const refreshing = load.refresh();
    assert.equal(await cache.touch("key", 0), true);
    door.open();
    await refreshing;
    assert.equal(await cache.get("key"), undefined);
  }),
  rule("a refresh to nothing leaves nothing behind", async ({ cache }) => {
    const results = ["old", undefined];
    const load = cache.memoize(() => results.shift(), { key: () => "key" });
    assert.equal(await load(), "old");
    assert.equal(await load.refresh(), undefined);
    assert.equal(await cache.has("key"), false);
  }),
  rule("a cycle among the arguments is a TypeError", async ({ cache }) => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    await assertTypeError(cache.memoize((value: unknown) => typeof value, { key: "key" })(cycle));
  }),
  rule("a refresh does not overwrite what was set after it began", async ({ cache }) => {
    const door = gate();
    const load = cache.memoize(() => door.promise.then(() => "old"), { key: () => "key" });
    const refreshing = load.refresh();
    await cache.set("key", "new");
    door.open();
    await refreshing;
    assert.equal(await cache.get("key"), "new");
  }),
  rule("calls with equal arguments at once run the function once", async ({ cache }) => {
    let runs = 0;
    const door = gate();
    const count = cache.memoize(
      async () => {
        await door.promise;
        return ++runs;
      },
      { key: "count" },
    );
    const calls = times(50, () => count());
    door.open();
    assert.deepEqual(new Set(await Promise.all(calls)), new Set([1]));
  }),
  rule("results live as long as they are told, in the version they are told", async ({ cache }) => {
    const options = { key: () => "key", ttl: "1m", version: 2 } as const;
    const load = cache.memoize(() => "result", options);
    await load();
    await assertLives(cache.withVersion(2), "key", minuteMs);
    assert.equal(await cache.has("key"), false);
    assert.equal(await load.invalidate(), true);
  }),
  rule("a memoized null is a result, an undefined is none", async ({ cache }) => {
    let runs = 0;
    const nothing = cache.memoize(() => (++runs, null), { key: "null" });
    assert.deepEqual([await nothing(), await nothing(), runs], [null, null, 1]);
    const none = cache.memoize(() => void (runs += 1), { key: "undefined" });
    assert.deepEqual([await none(), await none(), runs], [undefined, undefined, 3]);
  }),
  rule("a namespace memoizes within itself", async ({ cache }) => {
    await cache.namespace("n").memoize(() => "result", { key: () => "key" })();
    assert.equal(await cache.get("n:key"), "result");
  }),
];
