import assert from "node:assert/strict";
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

/** What a rename promises. */
export const movingRules: readonly StoreRule[] = [
  rule("rename moves a value", async (store) => {
    await store.set("from", Uint8Array.of(0, 255), justWritten);
    assert.equal(await store.rename("from", "to"), true);
    await assertHolds(store, "to", Uint8Array.of(0, 255));
  }),
  rule("rename leaves nothing under the old name", async (store) => {
    await store.set("from", "x", justWritten);
    await store.rename("from", "to");
    assert.equal(await store.has("from"), false);
  }),
  rule("rename moves the lifetime", async (store) => {
    await store.set("from", "x", justWritten);
    await store.rename("from", "to");
    await assertLives(store, "to", forAMinute);
  }),
  rule("rename replaces what lived under the new name", async (store) => {
    await store.set("from", "new", justWritten);
    await store.set("to", "old", forever);
    assert.equal(await store.rename("from", "to"), true);
    await assertHolds(store, "to", "new");
    await assertLives(store, "to", forAMinute);
  }),
  rule("an endless key stays endless over a mortal one", async (store) => {
    await store.set("from", "new", forever);
    await store.set("to", "old", justWritten);
    await store.rename("from", "to");
    await assertLives(store, "to", "forever");
  }),
  rule("rename of an absent key leaves what lives under the new name", async (store) => {
    await store.set("to", "old", justWritten);
    assert.equal(await store.rename("nobody", "to"), false);
    await assertHolds(store, "to", "old");
  }),
  rule("rename onto its own name changes nothing", async (store) => {
    await store.set("key", "x", justWritten);
    assert.equal(await store.rename("key", "key"), true);
    await assertHolds(store, "key", "x");
    await assertLives(store, "key", forAMinute);
  }),
  rule("of a hundred renames at once exactly one finds the key", async (store) => {
    await store.set("from", "x", justWritten);
    const found = await Promise.all(times(100, (index) => store.rename("from", `to ${index}`)));
    assert.equal(found.filter(Boolean).length, 1);
  }),
];
