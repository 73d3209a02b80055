import assert from "node:assert/strict";
import {
  assertGone,
  assertHolds,
  assertRemains,
  briefMs,
  found,
  hourMs,
  minuteMs,
  momentMs,
  rule,
  type SessionStoreRule,
  stored,
} from "./session-store-rule.ts";

/** What `touch` and `destroy` promise. */
export const lifetimeRules: readonly SessionStoreRule[] = [
  rule("a touch gives a session a lifetime and changes nothing else", async ({ store }) => {
    await store.set("id", { name: "Ann" }, { lifetimeMs: minuteMs });
    const { base } = await found(store, "id");
    assert.equal(await store.touch("id", { lifetimeMs: hourMs, base }), true);
    await assertRemains(store, "id", hourMs);
    await assertHolds(store, "id", { name: "Ann" });
  }),
  rule("a touch needs no base", async ({ store }) => {
    await store.set("id", { name: "Ann" }, { lifetimeMs: minuteMs });
    assert.equal(await store.touch("id", { lifetimeMs: hourMs }), true);
    await assertRemains(store, "id", hourMs);
  }),
  rule("a touch may shorten a session's life", async ({ store }) => {
    const { base } = await stored(store, "id");
    assert.equal(await store.touch("id", { lifetimeMs: minuteMs, base }), true);
    await assertRemains(store, "id", minuteMs);
  }),
  rule("a touch extends a life that another had shortened", async ({ store }) => {
    const { base } = await stored(store, "id");
    await store.touch("id", { lifetimeMs: minuteMs, base });
    await store.touch("id", { lifetimeMs: hourMs, base });
    await assertRemains(store, "id", hourMs);
  }),
  rule("a touch keeps a session alive past its first end", async ({ store, pass }) => {
    const base = await store.set("id", { name: "Ann" }, { lifetimeMs: 400 });
    await pass(100);
    assert.equal(await store.touch("id", { lifetimeMs: minuteMs, base }), true);
    await pass(400);
    await assertHolds(store, "id", { name: "Ann" });
  }),
  ...[0, -1].map((lifetimeMs) =>
    rule(`a touch with ${lifetimeMs} ms destroys the session`, async ({ store }) => {
      const { base } = await stored(store, "id");
      await store.touch("id", { lifetimeMs, base });
      await assertGone(store, "id");
    }),
  ),
  rule("a touch tells of a session that never was", async ({ store }) => {
    assert.equal(await store.touch("id", { lifetimeMs: hourMs }), false);
    await assertGone(store, "id");
  }),
  rule(
    "a touch tells of a session that was destroyed, and does not bring it back",
    async (context) => {
      const { store } = context;
      const { base } = await stored(store, "id");
      await store.destroy("id");
      assert.equal(await store.touch("id", { lifetimeMs: minuteMs, base }), false);
      await assertGone(store, "id");
    },
  ),
  rule("a touch tells of a session that expired, and does not bring it back", async (context) => {
    const { store, pass } = context;
    const base = await store.set("id", { name: "Ann" }, { lifetimeMs: briefMs });
    await pass(momentMs);
    assert.equal(await store.touch("id", { lifetimeMs: hourMs, base }), false);
    await assertGone(store, "id");
  }),
  rule("a destroyed session is gone, and no other", async ({ store }) => {
    await Promise.all(["one", "two"].map((id) => stored(store, id)));
    await store.destroy("one");
    await assertGone(store, "one");
    await assertHolds(store, "two", { name: "Ann" });
  }),
  rule("destroying what is not there does nothing", async ({ store }) => {
    await store.destroy("id");
    await stored(store, "id");
    await store.destroy("id");
    await store.destroy("id");
    assert.equal(await store.count(), 0);
  }),
  rule("after a destruction the id may be stored anew", async ({ store }) => {
    await stored(store, "id", { name: "Ann", cart: ["tea"] });
    await store.destroy("id");
    await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs });
    await assertHolds(store, "id", { name: "Bob" });
  }),
];
