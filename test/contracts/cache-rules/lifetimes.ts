import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import {
  assertLives,
  assertTypeError,
  brief,
  type CacheContext,
  type CacheRule,
  call,
  minuteMs,
  momentMs,
  rule,
  usualMs,
} from "./cache-rule.ts";

const hourMs = 3_600_000;

interface Verb {
  readonly name: string;
  readonly run: (cache: Cache, nowMs: number) => Promise<boolean>;
}

/** Each way to let a key expire in an hour. */
const forAnHour: readonly Verb[] = [
  { name: "touch", run: (cache) => cache.touch("key", "1h") },
  { name: "touch by seconds", run: (cache) => cache.touch("key", 3_600) },
  { name: "expire", run: (cache) => cache.expire("key", "1h") },
  { name: "pexpire", run: (cache) => cache.pexpire("key", hourMs) },
  { name: "expireAt a Date", run: (cache, now) => cache.expireAt("key", new Date(now + hourMs)) },
  { name: "expireAt seconds", run: (cache, now) => cache.expireAt("key", (now + hourMs) / 1_000) },
  { name: "pexpireAt a Date", run: (cache, now) => cache.pexpireAt("key", new Date(now + hourMs)) },
  { name: "pexpireAt milliseconds", run: (cache, now) => cache.pexpireAt("key", now + hourMs) },
];

/** Each way to expire a key at once. */
const overNow: readonly Verb[] = [
  { name: "touch 0", run: (cache) => cache.touch("key", 0) },
  { name: "touch below 0", run: (cache) => cache.touch("key", "-5m") },
  { name: "expire 0", run: (cache) => cache.expire("key", 0) },
  { name: "expire below 0", run: (cache) => cache.expire("key", -1) },
  { name: "pexpire 0", run: (cache) => cache.pexpire("key", 0) },
  { name: "pexpire below 0", run: (cache) => cache.pexpire("key", -1) },
  {
    name: "expireAt a past Date",
    run: (cache, now) => cache.expireAt("key", new Date(now - 5_000)),
  },
  { name: "expireAt past seconds", run: (cache, now) => cache.expireAt("key", now / 1_000 - 5) },
  { name: "expireAt 0", run: (cache) => cache.expireAt("key", 0) },
  { name: "pexpireAt past milliseconds", run: (cache, now) => cache.pexpireAt("key", now - 5_000) },
  { name: "pexpireAt a past Date", run: (cache) => cache.pexpireAt("key", new Date(1)) },
];

/** Each way to make a key live forever; all answer true for an existing key. */
const forEver: readonly Verb[] = [
  { name: "touch null", run: (cache) => cache.touch("key", null) },
  { name: "expire null", run: (cache) => cache.expire("key", null) },
];

const noMoments: readonly unknown[] = [
  undefined,
  null,
  "2030-01-01",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  new Date(Number.NaN),
  {},
];

const noLifetimes: readonly unknown[] = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "soon",
  "5 years",
  "",
  "5",
  true,
  {},
  5n,
];

/** What `touch`, `persist`, `expire…`, `ttl` and `pttl` promise. */
export const lifetimeRules: readonly CacheRule[] = [
  ...[...forAnHour, ...overNow, ...forEver].map(({ name, run }) =>
    rule(`${name} of an absent key is false`, async ({ cache, clock }) => {
      assert.equal(await run(cache, nowMs(clock)), false);
      assert.equal(await cache.has("key"), false);
    }),
  ),
  ...forAnHour.map(({ name, run }) =>
    rule(`${name} prolongs a life, and leaves the value`, async ({ cache, clock }) => {
      await cache.set("key", "value", { ttl: 10 });
      assert.equal(await run(cache, nowMs(clock)), true);
      await assertLives(cache, "key", hourMs + 1);
      assert.equal(await cache.get("key"), "value");
    }),
  ),
  ...forAnHour.map(({ name, run }) =>
    rule(`${name} ends an endless key`, async ({ cache, clock }) => {
      await cache.set("key", "value", { ttl: null });
      assert.equal(await run(cache, nowMs(clock)), true);
      await assertLives(cache, "key", hourMs + 1);
    }),
  ),
  ...overNow.map(({ name, run }) =>
    rule(`${name} removes a key and is true`, async ({ cache, clock }) => {
      await cache.set("key", "value", { ttl: null });
      assert.equal(await run(cache, nowMs(clock)), true);
      assert.equal(await cache.has("key"), false);
    }),
  ),
  ...forEver.map(({ name, run }) =>
    rule(`${name} is true for a mortal key, and for an endless one`, async ({ cache, clock }) => {
      await cache.set("key", "value", { ttl: 10 });
      assert.equal(await run(cache, nowMs(clock)), true);
      await assertLives(cache, "key", null);
      assert.equal(await run(cache, nowMs(clock)), true);
      assert.equal(await cache.get("key"), "value");
    }),
  ),
  rule("touch without a lifetime gives the cache's own", async ({ cache }) => {
    await cache.set("key", 1, { ttl: 10 });
    assert.equal(await cache.touch("key"), true);
    await assertLives(cache, "key", usualMs);
    await cache.set("key", 1, { ttl: null });
    await cache.touch("key", undefined);
    await assertLives(cache, "key", usualMs);
  }),
  rule("a touched key outlives its old end", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await cache.touch("key", 60);
    await pass(momentMs);
    assert.equal(await cache.get("key"), 1);
  }),
  rule("a key dies at the end it was given", async ({ cache, pass }) => {
    await cache.setMany({ a: 1, b: 1, c: 1 }, { ttl: null });
    await cache.touch("a", brief);
    await cache.pexpire("b", 40);
    await pass(momentMs);
    assert.deepEqual(await cache.keys("*"), ["c"]);
  }),
  rule("an expired key cannot be touched back", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    assert.equal(await cache.touch("key", 60), false);
    assert.equal(await cache.persist("key"), false);
  }),
  rule("persist takes the end off, and is false where there was none", async ({ cache }) => {
    await cache.set("key", "value", { ttl: 10 });
    assert.equal(await cache.persist("key"), true);
    await assertLives(cache, "key", null);
    assert.equal(await cache.persist("key"), false);
    assert.equal(await cache.persist("nobody"), false);
    assert.equal(await cache.get("key"), "value");
  }),
  rule("ttl and pttl of an absent key are 0", async ({ cache }) => {
    assert.deepEqual([await cache.ttl("nobody"), await cache.pttl("nobody")], [0, 0]);
  }),
  rule("ttl and pttl of an expired key are 0", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    assert.deepEqual([await cache.ttl("key"), await cache.pttl("key")], [0, 0]);
  }),
  rule("ttl and pttl of an endless key are null", async ({ cache }) => {
    await cache.set("key", 1, { ttl: null });
    assert.deepEqual([await cache.ttl("key"), await cache.pttl("key")], [null, null]);
  }),
  rule("ttl counts seconds, rounded up", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: 5 });
    assert.equal(await cache.ttl("key"), 5);
    await pass(20);
    assert.equal(await cache.ttl("key"), 5);
    await cache.set("key", 1, { ttl: "4100ms" });
    assert.equal(await cache.ttl("key"), 5);
  }),
  rule("a living key never reads 0", async ({ cache }) => {
    await cache.set("key", 1, { ttl: "400ms" });
    assert.equal(await cache.ttl("key"), 1);
    const remaining = (await cache.pttl("key")) ?? 0;
    assert.ok(remaining > 0 && remaining <= 400, `${remaining} ms remain`);
  }),
  rule("pttl counts whole milliseconds, and down", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: "1500ms" });
    await pass(20);
    const remaining = (await cache.pttl("key")) ?? 0;
    assert.ok(Number.isInteger(remaining), `${remaining} is not whole`);
    assert.ok(remaining > 0 && remaining <= 1_481, `${remaining} ms remain`);
  }),
  ...noMoments.map((when) =>
    rule(`${show(when)} is no moment, and nothing changes`, async (context) => {
      await assertRefused(context, ["expireAt", "pexpireAt"], when);
    }),
  ),
  ...noLifetimes.map((ttl) =>
    rule(`${show(ttl)} is no lifetime, and nothing changes`, async (context) => {
      await assertRefused(context, ["touch", "expire", "pexpire"], ttl);
    }),
  ),
  ...noLifetimes.map((ttl) =>
    rule(
      `a ttl of ${show(ttl)} is a TypeError that quotes it, and nothing changes`,
      async (context) => {
        const { cache } = context;
        await cache.set("key", "old", { ttl: "1m" });
        const refusals = [
          call(cache, "set", "key", "new", { ttl }),
          call(cache, "add", "other", "new", { ttl }),
          call(cache, "setMany", { key: "new" }, { ttl }),
          call(cache, "incr", "other", 1, { ttl, ifMissing: "create" }),
          call(cache, "getOrSet", "other", "new", { ttl }),
          call(cache, "getOrSet", "other", "new", { negativeTtl: ttl }),
          call(cache, "getOrSetMany", ["other"], () => new Map([["other", 1]]), { ttl }),
        ];
        for (const refusal of refusals) {
          await assertTypeError(refusal);
          await assert.rejects(refusal, /ttl/i);
        }
        assert.deepEqual([await cache.get("key"), await cache.get("other")], ["old", undefined]);
        await assertLives(cache, "key", minuteMs);
      },
    ),
  ),
  rule("expire and pexpire need a lifetime", async (context) => {
    await assertRefused(context, ["expire", "pexpire"], undefined);
    await assertTypeError(call(context.cache, "pexpire", "key", null));
  }),
];

async function assertRefused(
  { cache }: CacheContext,
  methods: readonly (keyof Cache)[],
  argument: unknown,
): Promise<void> {
  await cache.set("key", "value", { ttl: "1m" });
  for (const method of methods) await assertTypeError(call(cache, method, "key", argument));
  await assertLives(cache, "key", minuteMs);
}

function nowMs(clock: CacheContext["clock"]): number {
  return Math.floor(clock.now());
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Date) return "an invalid Date";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
