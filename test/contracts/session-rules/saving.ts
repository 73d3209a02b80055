import assert from "node:assert/strict";
import { createSessions } from "../../../src/sessions/index.ts";
import { assertSameValue, fidelityValues } from "../fidelity-values.ts";
import {
  again,
  assertStored,
  microtasks,
  rule,
  type SessionRule,
  stored,
  unknownId,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** What `save` promises of one request. */
export const savingRules: readonly SessionRule[] = [
  rule("an empty new session is not stored", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const session = await createSessions({ cache: lent }).load(undefined);
    assert.equal(await session.save(), false);
    assert.equal(session.id, undefined);
    assert.deepEqual(calls, []);
  }),
  rule("an empty new session with an expiry is not stored", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const session = await createSessions({ cache: lent }).load(unknownId());
    session.setExpiry("1h");
    assert.equal(await session.save(), false);
    assert.deepEqual(calls, ["load"]);
  }),
  rule("what was written is there in the next request", async ({ sessions }) => {
    const session = await stored(sessions, { name: "Ann", cart: ["fig"] });
    const next = await again(sessions, session);
    next.set("name", "Bob").delete("cart");
    assert.equal(await next.save(), true);
    await assertStored(sessions, session, { name: "Bob" });
  }),
  ...fidelityValues.map(({ name, make }) =>
    rule(`${name} comes back as it was set`, async ({ make: makeSessions }) => {
      const sessions = makeSessions({ maxBytes: 1_000_000 });
      const session = await stored(sessions, { value: make() });
      const next = await again(sessions, session);
      assertSameValue(next.get("value"), make());
      assert.equal(await next.save(), false);
    }),
  ),
  rule("an untouched session writes nothing", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    const { cache: lent, calls } = watched(cache);
    const next = await again(createSessions({ cache: lent }), session);
    assert.equal(await next.save(), false);
    assert.deepEqual(calls, ["load"]);
  }),
  rule("a save costs one call of the store", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const session = await stored(createSessions({ cache: lent }), { a: 1, b: [2] });
    session.update({ a: 2, c: 3 }).delete("b");
    await session.save();
    assert.deepEqual(calls, ["create", "update"]);
  }),
  rule("a second save has nothing to write", async ({ sessions }) => {
    const session = await stored(sessions);
    assert.equal(await session.save(), false);
    session.set("name", "Bob");
    assert.deepEqual([await session.save(), await session.save()], [true, false]);
  }),
  rule("a set of an equal value is a write", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    const { cache: lent, calls } = watched(cache);
    const next = await again(createSessions({ cache: lent }), session);
    next.set("name", "Ann");
    assert.equal(await next.save(), true);
    assert.deepEqual(calls, ["load", "update"]);
  }),
  rule("a field that came and went before the save is nowhere", async ({ sessions }) => {
    const session = await stored(sessions);
    session.set("draft", "text").delete("draft");
    await session.save();
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("a field that was deleted and written again is there", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    session.delete("name");
    session.set("name", "Bob");
    await session.save();
    await assertStored(sessions, session, { name: "Bob" });
  }),
  rule("a session saved twice at once is stored once", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann");
    assert.deepEqual(await Promise.all([session.save(), session.save()]), [true, false]);
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("saves of one object at once take turns, and lose nothing", async ({ sessions }) => {
    const session = await stored(sessions);
    const saves = Array.from({ length: 20 }, (_, index) => {
      session.set(`field ${index}`, index).set("last", index);
      return session.save();
    });
    await Promise.all(saves);
    const found = await again(sessions, session);
    assert.equal(found.get("last"), 19);
    assert.equal(found.keys().length, 22);
  }),
  rule("what is written while a save is under way is kept for the next one", async (context) => {
    const session = await stored(context.sessions);
    for (let turns = 0; turns < 12; turns++) {
      session.set("before", turns);
      const saving = session.save();
      await microtasks(turns);
      session.set("during", turns);
      await saving;
      await session.save();
      await assertStored(context.sessions, session, { name: "Ann", before: turns, during: turns });
    }
  }),
  rule("what is deleted while a save is under way is gone after the next one", async (context) => {
    const { sessions } = context;
    const session = await stored(sessions);
    for (let turns = 0; turns < 12; turns++) {
      session.update({ before: turns, victim: turns });
      const saving = session.save();
      await microtasks(turns);
      session.delete("victim");
      await saving;
      await session.save();
      await assertStored(sessions, session, { name: "Ann", before: turns });
    }
  }),
  rule("ten steps of one object at once end as if they had come in turn", async ({ sessions }) => {
    const session = await stored(sessions);
    const steps = Array.from({ length: 10 }, (_, index) => {
      session.set(`field ${index}`, index);
      return index % 2 === 0 ? session.save() : session.regenerate();
    });
    await Promise.all(steps);
    assert.equal((await again(sessions, session)).keys().length, 11);
  }),
];
