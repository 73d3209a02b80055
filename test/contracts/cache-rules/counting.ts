import assert from "node:assert/strict";
import {
  CacheMissError,
  CounterOverflowError,
  NotAnIntegerError,
} from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertSameLife,
  assertTypeError,
  brief,
  type CacheContext,
  type CacheRule,
  call,
  minuteMs,
  momentMs,
  rule,
  times,
  usualMs,
} from "./cache-rule.ts";

const greatest = 2n ** 63n - 1n;
const least = -(2n ** 63n);
const safest = Number.MAX_SAFE_INTEGER;

/** The stored number, the delta and the sum; a read returns the same sum. */
const sums: readonly (readonly [number | bigint, number | bigint, number | bigint])[] = [
  [1, 1, 2],
  [1, 10, 11],
  [1, -3, -2],
  [0, 0, 0],
  [5, 0, 5],
  [1, 4n, 5],
  [safest, 1, 2n ** 53n],
  [2n ** 53n, 1, 2n ** 53n + 1n],
  [2n ** 53n, -1, safest],
  [2n ** 53n + 1n, -2n, safest],
  [-safest, -1, -(2n ** 53n)],
  [-(2n ** 53n), 1, -safest],
  [1, 2n ** 60n, 2n ** 60n + 1n],
  [greatest - 1n, 1, greatest],
  [least + 1n, -1, least],
  [greatest, least, -1],
];

const overflows: readonly (readonly [number | bigint, number | bigint])[] = [
  [greatest, 1],
  [least, -1],
  [greatest, greatest],
  [1, greatest],
  [1, greatest + 1n],
  [-1, least - 1n],
  [2n ** 70n, 1],
];

const noCounters: readonly unknown[] = [
  "5",
  "",
  "word",
  1.5,
  -0,
  Number.NaN,
  true,
  null,
  [1],
  { n: 1 },
  5n,
  0n,
  new Date(5),
  Buffer.from("5"),
  2 ** 60,
];

const noDeltas: readonly unknown[] = [
  1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "1",
  null,
  true,
  {},
];

/** What `incr` and `decr` promise. */
export const countingRules: readonly CacheRule[] = [
  ...sums.map(([start, delta, sum]) =>
    rule(`incr of ${show(start)} by ${show(delta)} is ${show(sum)}`, async ({ cache }) => {
      await cache.set("n", start);
      assert.equal(await cache.incr("n", delta), sum);
      assert.equal(await cache.get("n"), sum);
    }),
  ),
  ...sums
    .filter(([, delta]) => delta !== least)
    .map(([start, delta, sum]) =>
      rule(`decr of ${show(start)} by ${show(-delta)} is ${show(sum)}`, async ({ cache }) => {
        await cache.set("n", start);
        assert.equal(await cache.decr("n", -delta), sum);
        assert.equal(await cache.get("n"), sum);
      }),
    ),
  rule("a counter goes by one unless told otherwise", async ({ cache }) => {
    await cache.set("n", 5);
    assert.deepEqual(
      [await cache.incr("n"), await cache.decr("n"), await cache.decr("n")],
      [6, 5, 4],
    );
  }),
  ...overflows.map(([start, delta]) =>
    rule(`incr of ${show(start)} by ${show(delta)} overflows and changes nothing`, (context) =>
      assertUntouched(context, start, {
        act: () => context.cache.incr("n", delta),
        error: CounterOverflowError,
      }),
    ),
  ),
  rule("decr below 64 bits overflows and changes nothing", (context) =>
    assertUntouched(context, least, {
      act: () => context.cache.decr("n"),
      error: CounterOverflowError,
    }),
  ),
  ...noCounters.map((value) =>
    rule(`${show(value)} is no counter and stays as it was`, async (context) => {
      const error = NotAnIntegerError;
      await assertUntouched(context, value, { act: () => context.cache.incr("n"), error });
      await assertUntouched(context, value, { act: () => context.cache.decr("n"), error });
    }),
  ),
  rule("a number of hundreds of digits is no counter to add to, and stays", (context) =>
    assertUntouched(context, 10n ** 300n, {
      act: () => context.cache.incr("n"),
      error: CounterOverflowError,
    }),
  ),
  ...noDeltas.map((delta) =>
    rule(`incr by ${show(delta)} is a TypeError, and nothing changes`, async (context) => {
      const { cache } = context;
      const error = TypeError;
      await assertUntouched(context, 5, { act: () => call(cache, "incr", "n", delta), error });
      await assertUntouched(context, 5, { act: () => call(cache, "decr", "n", delta), error });
    }),
  ),
  ...(
    [
      { serializer: "json" },
      { serializer: "msgpack" },
      { compressor: "gzip", compressMinBytes: 1 },
    ] as const
  ).map((options) =>
    rule(`a counter counts under ${JSON.stringify(options)}`, async ({ open }) => {
      const cache = await open(options);
      await cache.set("n", safest);
      assert.equal(await cache.incr("n"), 2n ** 53n);
      assert.equal(await cache.get("n"), 2n ** 53n);
      assert.equal(await cache.decr("n", 2), safest - 1);
    }),
  ),
  rule(
    "an absent counter is a CacheMissError with the key, and is not created",
    async ({ cache }) => {
      await assert.rejects(cache.incr("n"), { name: "CacheMissError", key: "n" });
      await assert.rejects(cache.decr("n"), CacheMissError);
      await assert.rejects(cache.incr("n", 1, { ifMissing: "throw" }), CacheMissError);
      assert.equal(await cache.has("n"), false);
    },
  ),
  rule("an expired counter is absent", async ({ cache, pass }) => {
    await cache.set("n", 5, { ttl: brief });
    await pass(momentMs);
    await assert.rejects(cache.incr("n"), CacheMissError);
  }),
  rule("an absent counter that is asked for begins at delta", async ({ cache }) => {
    assert.equal(await cache.incr("up", 3, { ifMissing: "create" }), 3);
    assert.equal(await cache.decr("down", 3, { ifMissing: "create" }), -3);
    assert.deepEqual([...(await cache.getMany(["up", "down"])).values()], [3, -3]);
  }),
  rule("a created counter lives as long as it is told", async ({ cache }) => {
    await cache.incr("usual", 1, { ifMissing: "create" });
    await cache.incr("minute", 1, { ifMissing: "create", ttl: "1m" });
    await cache.incr("endless", 1, { ifMissing: "create", ttl: null });
    await assertLives(cache, "usual", usualMs);
    await assertLives(cache, "minute", minuteMs);
    await assertLives(cache, "endless", null);
  }),
  rule("a counter that exists keeps its own lifetime", async ({ cache }) => {
    await cache.set("n", 1, { ttl: "1m" });
    await cache.incr("n", 1, { ifMissing: "create", ttl: null });
    await assertLives(cache, "n", minuteMs);
    await cache.set("n", 1, { ttl: null });
    await cache.incr("n", 1, { ttl: 5 });
    await assertLives(cache, "n", null);
  }),
  rule("a counter created for nothing is counted and not kept", async ({ cache }) => {
    assert.equal(await cache.incr("n", 5, { ifMissing: "create", ttl: 0 }), 5);
    assert.equal(await cache.has("n"), false);
  }),
  rule("a counter keeps the remaining time to the millisecond", async ({ cache, pass }) => {
    await cache.set("n", 1, { ttl: 60 });
    await pass(7);
    await assertSameLife(cache, "n", () => cache.incr("n"));
  }),
  rule("a counter counts on in the last moments of its life", async ({ cache }) => {
    await cache.set("n", 1, { ttl: "400ms" });
    assert.equal(await cache.incr("n"), 2);
    assert.equal(await cache.get("n"), 2);
  }),
  rule("ifMissing takes its two words only", async ({ cache }) => {
    await assertTypeError(call(cache, "incr", "n", 1, { ifMissing: "make" }));
    await assertTypeError(call(cache, "decr", "n", 1, { ifMissing: true }));
  }),
  rule("a thousand counts at once are all counted", async ({ cache }) => {
    const counts = await Promise.all(
      times(1_000, () => cache.incr("n", 1, { ifMissing: "create" })),
    );
    assert.equal(new Set(counts).size, 1_000);
    assert.equal(await cache.get("n"), 1_000);
  }),
];

interface Failing {
  readonly act: () => Promise<unknown>;
  readonly error: new (...args: never[]) => Error;
}

/** Checks that a count fails with this error and changes neither value nor lifetime. */
async function assertUntouched(
  { cache }: CacheContext,
  value: unknown,
  { act, error }: Failing,
): Promise<void> {
  await cache.set("n", value, { ttl: "1m" });
  await assert.rejects(act(), error);
  assert.deepEqual(await cache.get("n"), value);
  await assertLives(cache, "n", minuteMs);
}

function show(value: unknown): string {
  if (typeof value === "bigint") return `${value}n`.slice(0, 30);
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return JSON.stringify(value);
}
