import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { SessionBackend } from "../../../src/contracts/session-backend.ts";
import type { SessionLayout } from "../../../src/contracts/session-store.ts";
import { sessionBackendOf } from "../../../src/sessions/session-backend.ts";
import {
  assertGone,
  assertHolds,
  assertRemains,
  found,
  hourMs,
  rule,
  type SessionStoreRule,
  stored,
} from "./session-store-rule.ts";

const ids = [
  "a",
  "z".repeat(1_000),
  "a b\tc",
  "*[a]?\\{x}",
  "../..",
  "ключ 😀",
  "__proto__",
  "a:b",
];

/** What `get` promises. */
export const readingRules: readonly SessionStoreRule[] = [
  rule("an id under which nobody stored anything has no session", async ({ store }) => {
    await assertGone(store, "nobody");
  }),
  rule("a session comes back as it was stored", async ({ store }) => {
    const data = {
      text: "два 😀",
      number: -1.5,
      yes: true,
      nothing: null,
      empty: "",
      list: [1, [2], { three: 3 }],
      nested: { deep: { deeper: [] } },
    };
    await stored(store, "id", data);
    await assertHolds(store, "id", data);
  }),
  rule("a session without fields is a session", async ({ store }) => {
    await stored(store, "id", {});
    await assertHolds(store, "id", {});
  }),
  rule("each reader gets an object of its own", async ({ store }) => {
    const first = await stored(store, "id", { cart: ["tea"] });
    (first.data["cart"] as string[]).push("cake");
    first.data["name"] = "Bob";
    await assertHolds(store, "id", { cart: ["tea"] });
  }),
  rule("what was handed over may be changed afterwards", async ({ store }) => {
    const data = { cart: ["tea"] };
    await store.set("id", data, { lifetimeMs: hourMs });
    data.cart.push("cake");
    await assertHolds(store, "id", { cart: ["tea"] });
  }),
  rule("a found session tells its id and what is left of its life", async ({ store }) => {
    const { base } = await stored(store, "id");
    assert.equal(base.id, "id");
    await assertRemains(store, "id", hourMs);
  }),
  rule("no field becomes the prototype of what is read", async ({ store }) => {
    const data = JSON.parse('{"__proto__":{"admin":true},"name":"Ann"}') as object;
    await store.set("id", { ...data }, { lifetimeMs: hourMs });
    await store.set("id", data as Record<string, unknown>, { lifetimeMs: hourMs });
    const session = await found(store, "id");
    assert.deepEqual(Object.keys(session.data), ["name"]);
    assert.equal((session.data as { admin?: unknown }).admin, undefined);
    assert.equal((Object.assign({}, session.data) as { admin?: unknown }).admin, undefined);
  }),
  rule("an id may be any text", async ({ store }) => {
    await Promise.all(ids.map((id) => stored(store, id, { id })));
    for (const id of ids) await assertHolds(store, id, { id });
    assert.equal(await store.count(), ids.length);
  }),
  rule("ids are told apart by every letter", async ({ store }) => {
    await stored(store, "id");
    for (const id of ["ID", "id ", " id", "i", "id\u0000", "id*"]) await assertGone(store, id);
  }),
  rule("what cannot be read is no session, and the cache tells of it", async (context) => {
    const { cache, store, layout } = context;
    const told: [string, boolean][] = [];
    cache.on("error", ({ operation, ignored }) => told.push([operation, ignored]));
    await stored(store, "id");
    await damage(cache, layout);
    await assertGone(store, "id");
    assert.deepEqual(told, [["sessions.load", true]]);
  }),
  rule(
    "what cannot be read is stored over, where it is not known",
    async ({ cache, ...context }) => {
      const { store, layout } = context;
      await stored(store, "id");
      await damage(cache, layout);
      await store.set("id", { name: "Bob" }, { lifetimeMs: hourMs });
      await assertHolds(store, "id", { name: "Bob" });
    },
  ),
  rule("what cannot be read does not hide the others", async ({ cache, store, layout }) => {
    await stored(store, "id");
    await damage(cache, layout);
    await stored(store, "other", { name: "Bob" });
    assert.deepEqual(
      (await store.all()).map(({ data }) => data),
      [{ name: "Bob" }],
    );
  }),
];

/** Overwrites the session "id" in the store with something that is no session. */
async function damage(cache: Cache, layout: SessionLayout): Promise<void> {
  const access = sessionBackendOf(cache);
  const lifetime = { ttlMs: hourMs };
  if (layout === "connect-redis") {
    await access.store.set("sess:id", "{", { lifetime });
    return;
  }
  const change = { set: new Map([["data:name", "{"]]), remove: [] };
  const [key = ""] = await keysOf(access);
  assert.equal(await access.records.update(key, change, lifetime), true);
}

async function keysOf(access: SessionBackend): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const batch of access.records.keys(access.key("sess:"), { count: 100 })) {
    keys.push(...batch);
  }
  return keys;
}
