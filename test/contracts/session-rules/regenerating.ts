import assert from "node:assert/strict";
import { EncodeError, ValueTooLargeError } from "../../../src/contracts/errors.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertInterrupted,
  assertLives,
  assertStored,
  hourMs,
  noise,
  rule,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** What `regenerate` promises. */
export const regeneratingRules: readonly SessionRule[] = [
  rule("regenerate gives a new id, and the old one is dead", async ({ sessions }) => {
    const session = await stored(sessions);
    const { id, handle } = session;
    await session.regenerate();
    assert.notEqual(session.id, id);
    assert.notEqual(session.handle, handle);
    await assertDead(sessions, id);
  }),
  rule("regenerate keeps what is stored", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { name: "Ann", cart: ["fig"] }));
    await session.regenerate();
    assert.deepEqual([session.get("name"), session.get("cart")], ["Ann", ["fig"]]);
    await assertStored(sessions, session, { name: "Ann", cart: ["fig"] });
  }),
  rule("regenerate stores at once what changed", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { name: "Ann", draft: "text" }));
    session.set("city", "Rome").delete("draft");
    await session.regenerate();
    assert.equal(session.modified, false);
    await assertStored(sessions, session, { name: "Ann", city: "Rome" });
    assert.equal(await session.save(), false);
  }),
  rule("a session goes on under its new id", async ({ sessions }) => {
    const session = await stored(sessions);
    await session.regenerate();
    const { id } = session;
    assert.equal(await session.set("city", "Rome").save(), true);
    assert.equal(session.id, id);
    await assertStored(sessions, session, { name: "Ann", city: "Rome" });
  }),
  rule("regenerate stores a new session", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann");
    await session.regenerate();
    assert.equal(session.isNew, false);
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("regenerate stores a new session without fields too", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    await session.regenerate();
    assert.equal(session.isNew, false);
    await assertStored(sessions, session, {});
  }),
  rule("of several new ids the last one lives", async ({ sessions }) => {
    const session = await stored(sessions);
    const ids = new Set([session.id]);
    for (let turn = 0; turn < 5; turn++) {
      await session.regenerate();
      ids.add(session.id);
    }
    assert.equal(ids.size, 6);
    for (const id of ids) if (id !== session.id) await assertDead(sessions, id);
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("two regenerates of one object at once take turns", async ({ sessions }) => {
    const session = await stored(sessions);
    await Promise.all([session.regenerate(), session.regenerate()]);
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("of two requests that regenerate at once one is interrupted", async ({ sessions }) => {
    const session = await stored(sessions);
    const requests = [await again(sessions, session), await again(sessions, session)];
    const ends = await Promise.allSettled(requests.map((request) => request.regenerate()));
    assert.deepEqual(ends.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
    const winner = requests[ends.findIndex(({ status }) => status === "fulfilled")];
    assert.ok(winner);
    await assertStored(sessions, winner, { name: "Ann" });
  }),
  rule("a new id does not begin the session's life anew", async ({ sessions, pass }) => {
    const session = await stored(sessions, { userId: 42 });
    const [before] = await sessions.list({ userId: 42 });
    await pass(1_100);
    await session.regenerate();
    const [after] = await sessions.list({ userId: 42 });
    const agedMs = Number(after?.createdAt) - Number(before?.createdAt);
    assert.ok(Math.abs(agedMs) < 600, `it was created ${agedMs} ms later`);
  }),
  rule("regenerate keeps the expiry", async ({ cache, sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann").setExpiry("1h");
    await session.save();
    const next = await again(sessions, session);
    await next.regenerate();
    await assertLives(cache, next, hourMs);
    assert.ok((await again(sessions, next)).expiryAge <= 3_600);
  }),
  rule("regenerate stores an expiry that was set", async ({ sessions }) => {
    const session = await stored(sessions);
    session.setExpiry(0);
    await session.regenerate();
    assert.equal((await again(sessions, session)).expiresAtBrowserClose, true);
  }),
  rule("regenerate with an expiry that is past destroys the session", async ({ sessions }) => {
    const session = await stored(sessions, { name: "Ann", userId: 42 });
    const { id } = session;
    session.setExpiry(new Date(0));
    await session.regenerate();
    assert.deepEqual([session.id, session.isEmpty], [undefined, true]);
    await assertDead(sessions, id);
    assert.deepEqual(await sessions.list({ userId: 42 }), []);
  }),
  rule("a destroyed session's object is given no id of the session", async ({ sessions }) => {
    const session = await stored(sessions);
    const { id } = session;
    await session.destroy();
    await session.regenerate();
    assert.notEqual(session.id, id);
    await assertStored(sessions, session, {});
    await assertDead(sessions, id);
  }),
  rule("regenerate and destroy at once: it is dead under both ids", async ({ sessions }) => {
    for (let round = 0; round < 10; round++) {
      const session = await stored(sessions);
      const { id } = session;
      const other = await again(sessions, session);
      const steps = [session.regenerate(), other.destroy()];
      await Promise.allSettled(round % 2 === 0 ? steps : steps.toReversed());
      await assertDead(sessions, id);
      await assertDead(sessions, session.id);
    }
  }),
  rule("destroy and regenerate at once, the destroy first: interrupted", async ({ sessions }) => {
    const session = await stored(sessions);
    const other = await again(sessions, session);
    const destroying = other.destroy();
    await destroying;
    await assertInterrupted(session.regenerate());
  }),
  rule("a regenerate that cannot store keeps the old id alive", async ({ make }) => {
    const sessions = make({ maxBytes: 200 });
    const session = await stored(sessions);
    const { id } = session;
    await assert.rejects(session.set("call", () => undefined).regenerate(), EncodeError);
    session.delete("call");
    await assert.rejects(session.set("big", noise(300)).regenerate(), ValueTooLargeError);
    assert.equal(session.id, id);
    await assertStored(sessions, session, { name: "Ann" });
    session.set("big", "x");
    await session.regenerate();
    await assertStored(sessions, session, { name: "Ann", big: "x" });
  }),
  rule("regenerate costs one call of the store, and two more for a user's", async (context) => {
    const { cache: lent, calls } = watched(context.cache);
    const sessions = createSessions({ cache: lent });
    const session = await stored(sessions);
    calls.length = 0;
    await session.regenerate();
    assert.deepEqual(calls.splice(0), ["move"]);
    await session.set("userId", 42).save();
    calls.length = 0;
    await session.regenerate();
    assert.deepEqual(calls, ["index.add", "move", "index.remove"]);
  }),
];
