import assert from "node:assert/strict";
import type { Lifetime, Store } from "../../../src/contracts/store.ts";
import {
  assertHolds,
  assertLives,
  brief,
  forAMinute,
  forever,
  justWritten,
  minuteMs,
  momentMs,
  rule,
  ruleWith,
  type StoreRule,
  scanned,
} from "./store-rule.ts";

const forAnAge: Lifetime = { ttlMs: 100_000 * 365 * 24 * 60 * minuteMs };

/** Each verb, and its answer for an expired key. */
const blindVerbs: readonly (readonly [string, (store: Store) => Promise<unknown>, unknown])[] = [
  ["get", (store) => store.get("key"), undefined],
  ["getMany", (store) => store.getMany(["key"]), [undefined]],
  ["has", (store) => store.has("key"), false],
  ["delete", async (store) => (await store.delete(["key"])).deleted, 0],
  ["count", (store) => store.count("key", 1n, {}), "absent"],
  ["expire", (store) => store.expire("key", forAMinute), false],
  ["expire forever", (store) => store.expire("key", "forever"), false],
  ["expireAt", (store) => store.expireAt("key", 0), false],
  ["persist", (store) => store.persist("key"), false],
  ["remainingMs", (store) => store.remainingMs("key"), 0],
  ["rename", (store) => store.rename("key", "other"), false],
  ["scan", (store) => scanned(store, "*"), []],
  [
    "set where present",
    (store) => store.set("key", "new", { lifetime: forAMinute, condition: "present" }),
    false,
  ],
  [
    "set where absent",
    (store) => store.set("key", "new", { lifetime: forAMinute, condition: "absent" }),
    true,
  ],
];

/** What lifetimes promise. */
export const lifetimeRules: readonly StoreRule[] = [
  ...blindVerbs.map(([verb, call, answer]) =>
    ruleWith(`${verb} does not see an expired key`, async ({ store, subject }) => {
      await store.set("key", "1", { lifetime: brief });
      await subject.pass(momentMs);
      assert.deepEqual(await call(store), answer);
    }),
  ),
  ruleWith("a write that keeps the lifetime gives an expired key a new one", async (context) => {
    await context.store.set("key", "old", { lifetime: brief });
    await context.subject.pass(momentMs);
    await context.store.set("key", "new", { lifetime: forAMinute, keepTtl: true });
    await assertLives(context.store, "key", forAMinute);
  }),
  ruleWith("a counter that has expired begins anew", async ({ store, subject }) => {
    await store.set("key", "41", { lifetime: brief });
    await subject.pass(momentMs);
    assert.equal(await store.count("key", 1n, { createWith: forAMinute }), 1n);
  }),
  ruleWith("a key lives until its end", async ({ store, subject }) => {
    await store.set("key", "x", justWritten);
    await subject.pass(momentMs);
    await assertHolds(store, "key", "x");
  }),
  ruleWith("what remains shrinks with time", async ({ store, subject }) => {
    await store.set("key", "x", justWritten);
    await subject.pass(momentMs);
    const remaining = (await store.remainingMs("key")) ?? Number.NaN;
    const hasShrunk = remaining > 0 && remaining <= minuteMs - momentMs + 10;
    assert.ok(hasShrunk, `${remaining} ms remain`);
  }),
  rule("what remains of a short life is whole and at least 1", async (store) => {
    await store.set("key", "x", { lifetime: { ttlMs: 1_000 } });
    const remaining = (await store.remainingMs("key")) ?? Number.NaN;
    assert.ok(Number.isInteger(remaining) && remaining >= 1 && remaining <= 1_000);
  }),
  rule("nothing remains of an absent key", async (store) => {
    assert.equal(await store.remainingMs("nobody"), 0);
  }),
  rule("an endless key has no remaining time", async (store) => {
    await store.set("key", "x", forever);
    assert.equal(await store.remainingMs("key"), null);
  }),
  rule("a life can last a hundred thousand years", async (store) => {
    await store.set("key", "x", { lifetime: forAnAge });
    await assertLives(store, "key", forAnAge);
  }),
  rule("expire shortens a life", async (store) => {
    await store.set("key", "x", { lifetime: forAnAge });
    assert.equal(await store.expire("key", forAMinute), true);
    await assertLives(store, "key", forAMinute);
  }),
  rule("expire prolongs a life", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal(await store.expire("key", forAnAge), true);
    await assertLives(store, "key", forAnAge);
  }),
  rule("expire gives an endless key an end", async (store) => {
    await store.set("key", "x", forever);
    assert.equal(await store.expire("key", forAMinute), true);
    await assertLives(store, "key", forAMinute);
  }),
  rule("expire can make a key endless", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal(await store.expire("key", "forever"), true);
    await assertLives(store, "key", "forever");
  }),
  rule("expire forever is true for an endless key", async (store) => {
    await store.set("key", "x", forever);
    assert.equal(await store.expire("key", "forever"), true);
  }),
  rule("expire leaves the value", async (store) => {
    await store.set("key", Uint8Array.of(0, 255), justWritten);
    await store.expire("key", forAnAge);
    await assertHolds(store, "key", Uint8Array.of(0, 255));
  }),
  ...[0, -1, -minuteMs].map((ttlMs) =>
    rule(`expire in ${ttlMs} ms removes a key`, async (store) => {
      await store.set("key", "x", forever);
      assert.equal(await store.expire("key", { ttlMs }), true);
      assert.equal(await store.has("key"), false);
    }),
  ),
  rule("expire of an absent key is false", async (store) => {
    assert.equal(await store.expire("nobody", forAMinute), false);
    assert.equal(await store.expire("nobody", { ttlMs: 0 }), false);
    assert.equal(await store.expire("nobody", "forever"), false);
  }),
  ruleWith("a key dies at the end that expire gave it", async ({ store, subject }) => {
    await store.set("key", "x", forever);
    await store.expire("key", brief);
    await subject.pass(momentMs);
    await assertHolds(store, "key", undefined);
  }),
  ruleWith("expireAt sets an end in unix milliseconds", async ({ store, subject }) => {
    await store.set("key", "x", forever);
    const end = Math.floor(subject.clock.now()) + minuteMs;
    assert.equal(await store.expireAt("key", end), true);
    await assertLives(store, "key", { ttlMs: minuteMs + 1 });
  }),
  ruleWith("expireAt a past moment removes a key", async ({ store, subject }) => {
    await store.set("key", "x", forever);
    assert.equal(await store.expireAt("key", Math.floor(subject.clock.now()) - 1_000), true);
    assert.equal(await store.has("key"), false);
  }),
  ...[0, -1].map((unixMs) =>
    rule(`expireAt ${unixMs} removes a key`, async (store) => {
      await store.set("key", "x", justWritten);
      assert.equal(await store.expireAt("key", unixMs), true);
      assert.equal(await store.has("key"), false);
    }),
  ),
  ruleWith("expireAt of an absent key is false", async ({ store, subject }) => {
    const end = Math.floor(subject.clock.now()) + minuteMs;
    assert.equal(await store.expireAt("nobody", end), false);
  }),
  rule("persist takes the end off a key", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal(await store.persist("key"), true);
    await assertLives(store, "key", "forever");
  }),
  rule("persist is false for an endless key", async (store) => {
    await store.set("key", "x", forever);
    assert.equal(await store.persist("key"), false);
  }),
  rule("persist is false for an absent key", async (store) => {
    assert.equal(await store.persist("nobody"), false);
  }),
  ruleWith("a persisted key outlives its old end", async ({ store, subject }) => {
    await store.set("key", "x", { lifetime: { ttlMs: 300 } });
    await store.persist("key");
    await subject.pass(330);
    await assertHolds(store, "key", "x");
  }),
];
