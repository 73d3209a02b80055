import assert from "node:assert/strict";
import type { Cache } from "../../src/contracts/cache.ts";
import { createSessions, openSessionStore } from "../../src/sessions/index.ts";

/** One use of sessions, and what it must come to. */
export type SessionUse = readonly [name: string, use: (cache: Cache) => Promise<void>];

/** Everything about sessions that asks the store for something. */
export const sessionApi: readonly SessionUse[] = [
  [
    "a session is made, changed, moved and destroyed",
    async (cache) => {
      const sessions = createSessions({ cache, rolling: true });
      const session = await sessions.load(undefined);
      await session.update({ cart: ["tea"], theme: "dark" }).save();
      session.delete("theme");
      await session.save();
      await session.regenerate();
      assert.deepEqual((await sessions.load(session.id)).entries(), [["cart", ["tea"]]]);
      await session.destroy();
      assert.equal((await sessions.load(session.id)).isEmpty, true);
    },
  ],
  [
    "an unchanged rolling session is extended",
    async (cache) => {
      const sessions = createSessions({ cache, rolling: true, ttl: "1m" });
      const session = await sessions.load(undefined);
      session.set("a", 1).setExpiry("30s");
      await session.save();
      const next = await sessions.load(session.id);
      next.setExpiry("10s");
      assert.equal(await next.save(), true);
    },
  ],
  [
    "a user's sessions are listed and destroyed",
    async (cache) => {
      const sessions = createSessions({ cache });
      const session = await sessions.load(undefined);
      await session.set("userId", "ada").save();
      assert.equal((await sessions.list({ userId: "ada" })).length, 1);
      assert.equal(await sessions.destroyAll({ userId: "ada" }), 1);
    },
  ],
  [
    "sessions of other packages are stored, touched, counted and removed",
    async (cache) => {
      const store = openSessionStore({ cache });
      const base = await store.set("id", { a: 1, b: 2 }, { lifetimeMs: 60_000 });
      await store.set("id", { a: 1 }, { lifetimeMs: 60_000, base });
      assert.equal(await store.touch("id", { lifetimeMs: 90_000 }), true);
      assert.equal(await store.count(), 1);
      await store.clear();
      assert.equal(await store.get("id"), undefined);
    },
  ],
];
