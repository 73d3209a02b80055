import assert from "node:assert/strict";
import { times } from "../store-rules/store-rule.ts";
import {
  assertGone,
  assertHolds,
  briefMs,
  hourMs,
  momentMs,
  rule,
  type SessionStoreRule,
  stored,
} from "./session-store-rule.ts";

const many = 1_200;

/** What `all`, `count` and `clear` promise. */
export const walkingRules: readonly SessionStoreRule[] = [
  rule("a store in which nothing was stored is empty", async ({ store }) => {
    assert.deepEqual(await store.all(), []);
    assert.equal(await store.count(), 0);
    await store.clear();
  }),
  rule("all sessions are found, each with what is left of its life", async ({ store }) => {
    await Promise.all(["one", "two"].map((id) => stored(store, id, { id })));
    const all = await store.all();
    assert.deepEqual(new Set(all.map(({ data }) => data["id"])), new Set(["one", "two"]));
    for (const { remainingMs } of all) assert.ok(remainingMs > hourMs / 2 && remainingMs <= hourMs);
    assert.equal(await store.count(), 2);
  }),
  rule(`${many} sessions are found, counted and cleared`, async ({ store }) => {
    await Promise.all(times(many, (number) => stored(store, `id ${number}`, { number })));
    assert.equal(await store.count(), many);
    const numbers = (await store.all()).map(({ data }) => data["number"]);
    assert.deepEqual(new Set(numbers), new Set(times(many, (number) => number)));
    assert.equal(numbers.length, many);
    await store.clear();
    assert.equal(await store.count(), 0);
    assert.deepEqual(await store.all(), []);
  }),
  rule("what has ended is neither found nor counted", async ({ store, pass }) => {
    await store.set("brief", { name: "Ann" }, { lifetimeMs: briefMs });
    await stored(store, "destroyed");
    await store.destroy("destroyed");
    await pass(momentMs);
    assert.deepEqual(await store.all(), []);
    assert.equal(await store.count(), 0);
  }),
  rule("stores of different prefixes are apart, whatever is in the prefix", async ({ another }) => {
    const prefixes = ["a:", "a*:", "a[b]:", "b:", "\\:"];
    const stores = prefixes.map((prefix) => another({ prefix }));
    await Promise.all(stores.map((store, number) => stored(store, "id", { number })));
    for (const [number, store] of stores.entries()) {
      await assertHolds(store, "id", { number });
      assert.equal(await store.count(), 1);
      await store.clear();
      await assertGone(store, "id");
      const rest = await Promise.all(stores.slice(number + 1).map((other) => other.count()));
      assert.deepEqual(
        rest,
        rest.map(() => 1),
      );
    }
  }),
  rule("clearing the sessions leaves the cache's own values", async ({ cache, store }) => {
    await cache.set("sess:id", "a value");
    await stored(store, "id");
    await store.clear();
    assert.equal(await cache.get("sess:id"), "a value");
  }),
  rule("clearing the cache leaves the sessions", async ({ cache, store }) => {
    await stored(store, "id");
    await cache.set("key", "a value");
    await cache.clear();
    await assertHolds(store, "id", { name: "Ann" });
  }),
];
