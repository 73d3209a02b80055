import assert from "node:assert/strict";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertLives,
  assertStored,
  dayMs,
  rule,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** What `destroy` promises. */
export const destroyingRules: readonly SessionRule[] = [
  rule("destroy ends the session and empties the object", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    const { id } = session;
    session.set("city", "Rome");
    await session.destroy();
    assert.deepEqual([session.id, session.handle, session.keys()], [undefined, undefined, []]);
    await assertDead(sessions, id);
  }),
  rule("after destroy there is nothing to save", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    const { cache: lent, calls } = watched(cache);
    const next = await again(createSessions({ cache: lent }), session);
    await next.destroy();
    assert.equal(await next.save(), false);
    assert.deepEqual(calls, ["load", "destroy"]);
  }),
  rule("what is written after destroy makes a new session", async ({ sessions }) => {
    const session = await stored(sessions, { name: "Ann", cart: [] });
    const { id } = session;
    await session.destroy();
    assert.equal(await session.set("name", "Bob").save(), true);
    assert.notEqual(session.id, id);
    await assertStored(sessions, session, { name: "Bob" });
    await assertDead(sessions, id);
  }),
  rule("values that were held do not come back after destroy", async ({ sessions }) => {
    const session = await stored(sessions, { cart: ["fig"] });
    const cart = session.get<string[]>("cart", []);
    await session.destroy();
    cart.push("pear");
    await session.set("name", "Bob").save();
    await assertStored(sessions, session, { name: "Bob" });
  }),
  rule("destroy forgets the session's expiry", async ({ cache, sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann").setExpiry(0);
    await session.save();
    await session.destroy();
    assert.equal(session.expiresAtBrowserClose, false);
    await session.set("name", "Bob").save();
    await assertLives(cache, session, 14 * dayMs);
  }),
  rule("destroy of a new session empties it, without asking the store", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const session = await createSessions({ cache: lent }).load(undefined);
    await session.set("name", "Ann").destroy();
    assert.deepEqual([session.isEmpty, session.modified], [true, false]);
    assert.deepEqual(calls, []);
  }),
  rule("destroy may be called again, by another too", async ({ sessions }) => {
    const session = await stored(sessions);
    const { id } = session;
    const other = await again(sessions, session);
    await session.destroy();
    await session.destroy();
    await other.destroy();
    await assertDead(sessions, id);
  }),
  rule("requests that destroy at once all succeed", async ({ sessions }) => {
    const session = await stored(sessions);
    const { id } = session;
    const requests = await Promise.all(Array.from({ length: 10 }, () => again(sessions, session)));
    await Promise.all(requests.map((request) => request.destroy()));
    await assertDead(sessions, id);
  }),
  ...[1, 2, 3, 15, 40].map((times) =>
    rule(`destroy ends a session that another gave a new id, ${times} times`, async (context) => {
      const { sessions } = context;
      const other = await stored(sessions);
      const session = await again(sessions, other);
      const ids = [session.id];
      for (let time = 0; time < times; time++) {
        await other.regenerate();
        ids.push(other.id);
      }
      await session.destroy();
      for (const id of ids) await assertDead(sessions, id);
    }),
  ),
  rule("destroy by an interrupted object ends the session under its new id", async (context) => {
    const { sessions } = context;
    const other = await stored(sessions);
    const session = await again(sessions, other);
    await other.regenerate();
    await assert.rejects(session.set("city", "Rome").save());
    await session.destroy();
    await assertDead(sessions, other.id);
  }),
  rule(
    "destroy ends a session that a rolling save did not find under its old id",
    async (context) => {
      const rolling = context.make({ ttl: "1h", rolling: true });
      const other = await stored(context.make({ ttl: "1m" }));
      const session = await again(rolling, other);
      await other.regenerate();
      assert.equal(await session.save(), false);
      await session.destroy();
      await assertDead(rolling, other.id);
    },
  ),
  rule(
    "destroy ends it also where the object has begun another session meanwhile",
    async (context) => {
      const rolling = context.make({ ttl: "1h", rolling: true });
      const other = await stored(context.make({ ttl: "1m" }));
      const session = await again(rolling, other);
      await other.regenerate();
      await session.save();
      await session.set("name", "Bob").save();
      const { id } = session;
      await session.destroy();
      await assertDead(rolling, other.id);
      await assertDead(rolling, id);
    },
  ),
  rule("destroy of one session leaves the others", async ({ sessions }) => {
    const [one, other] = [await stored(sessions), await stored(sessions, { name: "Bob" })];
    await one.destroy();
    await assertStored(sessions, other, { name: "Bob" });
  }),
  rule("destroy, after a save that is under way, ends what it stored", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann").set("userId", 42);
    const saving = session.save();
    const destroying = session.destroy();
    assert.equal(await saving, true);
    await destroying;
    assert.equal(session.id, undefined);
    assert.deepEqual(await sessions.list({ userId: 42 }), []);
  }),
  rule("destroy costs one call of the store, and one more for a user's", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const sessions = createSessions({ cache: lent });
    const [one, other] = [await stored(sessions), await stored(sessions, { userId: 42 })];
    calls.length = 0;
    await one.destroy();
    assert.deepEqual(calls.splice(0), ["destroy"]);
    await other.destroy();
    assert.deepEqual(calls, ["destroy", "index.remove"]);
  }),
];
