import assert from "node:assert/strict";
import {
  assertLives,
  assertTypeError,
  brief,
  type CacheRule,
  minuteMs,
  momentMs,
  rule,
  usualMs,
} from "./cache-rule.ts";

/** How long `getOrSet` stores a loaded value, and which values it does not store. */
export const loadLifetimeRules: readonly CacheRule[] = [
  rule("undefined is answered and not stored", async ({ cache }) => {
    let loads = 0;
    const factory = (): undefined => void (loads += 1);
    assert.equal(await cache.getOrSet("key", factory), undefined);
    assert.equal(await cache.has("key"), false);
    await cache.getOrSet("key", factory);
    assert.equal(loads, 2);
  }),
  rule("undefined is not stored although the factory named a lifetime", async ({ cache }) => {
    await cache.getOrSet<string | undefined>("key", (context) => {
      context.setTtl("1m");
      return undefined;
    });
    assert.equal(await cache.has("key"), false);
    assert.equal(await cache.getOrSet("key", () => "made"), "made");
  }),
  rule("null is stored as long as any value", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => null), null);
    assert.equal(await cache.get("key", { default: "spare" }), null);
    await assertLives(cache, "key", usualMs);
  }),
  rule("negativeTtl is the lifetime of null, and of no other value", async ({ cache }) => {
    const options = { ttl: "1h", negativeTtl: "1m" };
    await cache.getOrSet("null", () => null, options);
    await cache.getOrSet("zero", () => 0, options);
    await assertLives(cache, "null", minuteMs);
    await assertLives(cache, "zero", 60 * minuteMs);
  }),
  rule("with negativeTtl undefined is remembered too", async ({ cache, pass }) => {
    let loads = 0;
    const load = (): Promise<undefined> =>
      cache.getOrSet("key", (): undefined => void (loads += 1), { negativeTtl: brief });
    assert.deepEqual([await load(), await load(), loads], [undefined, undefined, 1]);
    await pass(momentMs);
    await load();
    assert.equal(loads, 2);
  }),
  rule("with a negativeTtl of 0 null is not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => null, { negativeTtl: 0 }), null);
    assert.equal(await cache.has("key"), false);
  }),
  rule("getOrSet gives the lifetime it is told", async ({ cache }) => {
    await cache.getOrSet("minute", () => 1, { ttl: "1m" });
    await cache.getOrSet("endless", () => 1, { ttl: null });
    await assertLives(cache, "minute", minuteMs);
    await assertLives(cache, "endless", null);
  }),
  rule("with a ttl of 0 the value is answered and not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => "made", { ttl: 0 }), "made");
    assert.equal(await cache.has("key"), false);
  }),
  rule("a factory may name the lifetime itself", async ({ cache }) => {
    const named = async (key: string, ttl: string | null): Promise<void> => {
      await cache.getOrSet(key, (context) => (context.setTtl(ttl), key), { ttl: "1h" });
    };
    await named("minute", "1m");
    await named("endless", null);
    await assertLives(cache, "minute", minuteMs);
    await assertLives(cache, "endless", null);
  }),
  rule("a lifetime that is none fails the factory that named it", async ({ cache }) => {
    await assertTypeError(cache.getOrSet("key", (context) => context.setTtl("soon")));
  }),
  rule("a factory may have its value not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", (context) => (context.skip(), "made")), "made");
    assert.equal(await cache.has("key"), false);
  }),
];
