import assert from "node:assert/strict";
import type { Session } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertInterrupted,
  assertStored,
  brief,
  momentMs,
  rule,
  type SessionContext,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** Each way in which a session ends while a request holds it. Returns the request's object. */
const endings: readonly (readonly [string, (context: SessionContext) => Promise<Session>])[] = [
  [
    "was destroyed by another",
    async ({ sessions }) => {
      const other = await stored(sessions);
      const session = await again(sessions, other);
      await other.destroy();
      return session;
    },
  ],
  [
    "was given a new id by another",
    async ({ sessions }) => {
      const other = await stored(sessions);
      const session = await again(sessions, other);
      await other.regenerate();
      return session;
    },
  ],
  [
    "has expired",
    async ({ make, pass }) => {
      const session = await stored(make({ ttl: brief }));
      await pass(momentMs);
      return session;
    },
  ],
  [
    "was destroyed as one of its user's",
    async ({ sessions }) => {
      const session = await stored(sessions, { name: "Ann", userId: 42 });
      assert.equal(await sessions.destroyAll({ userId: 42 }), 1);
      return session;
    },
  ],
  [
    "was saved by another with an expiry that is past",
    async ({ sessions }) => {
      const other = await stored(sessions);
      const session = await again(sessions, other);
      other.setExpiry(new Date(0));
      await other.save();
      return session;
    },
  ],
];

/** Sessions that end while a request holds them. */
export const interruptionRules: readonly SessionRule[] = [
  ...endings.flatMap(([what, end]) => [
    rule(`a save of a session that ${what} is interrupted, and writes nothing`, async (context) => {
      const session = await end(context);
      const { id } = session;
      await assertInterrupted(session.set("city", "Rome").save());
      await assertDead(context.sessions, id);
    }),
    rule(
      `an interrupted save of a session that ${what} loses nothing in the object`,
      async (context) => {
        const session = await end(context);
        session.set("city", "Rome");
        await assertInterrupted(session.save());
        assert.deepEqual([session.get("name"), session.get("city")], ["Ann", "Rome"]);
        assert.deepEqual([session.modified, session.isNew], [true, false]);
      },
    ),
    rule(`every later save of a session that ${what} is interrupted too`, async (context) => {
      const session = await end(context);
      const { id } = session;
      session.set("city", "Rome");
      for (let save = 0; save < 3; save++) await assertInterrupted(session.save());
      await assertDead(context.sessions, id);
    }),
    rule(`a session that ${what} is given no new id`, async (context) => {
      const session = await end(context);
      const { id } = session;
      await assertInterrupted(session.regenerate());
      assert.equal(session.id, id);
      await assertDead(context.sessions, id);
    }),
    rule(`an untouched session that ${what} stays dead`, async (context) => {
      const session = await end(context);
      const { id } = session;
      assert.equal(await session.save(), false);
      await assertDead(context.sessions, id);
    }),
    rule(`a change inside of a value of a session that ${what} is interrupted`, async (context) => {
      const session = await end(context);
      session.set("cart", []);
      await assertInterrupted(session.save());
      session.get<string[]>("cart", []).push("fig");
      await assertInterrupted(session.save());
    }),
    rule(`a login into a session that ${what} makes no session of the user`, async (context) => {
      const session = await end(context);
      await assertInterrupted(session.set("userId", 7).save());
      await assertInterrupted(session.regenerate());
      assert.deepEqual(await context.sessions.list({ userId: 7 }), []);
      assert.equal(await context.sessions.destroyAll({ userId: 7 }), 0);
    }),
    rule(`after its destroy, the object of a session that ${what} begins anew`, async (context) => {
      const session = await end(context);
      const { id } = session;
      await assertInterrupted(session.set("city", "Rome").save());
      await session.destroy();
      session.set("name", "Bob").setExpiry("1h");
      assert.equal(await session.save(), true);
      assert.notEqual(session.id, id);
      await assertDead(context.sessions, id);
      await assertStored(context.sessions, session, { name: "Bob" });
    }),
  ]),
  rule("an interrupted save leaves the session under its new id alone", async ({ sessions }) => {
    const moved = await stored(sessions, { name: "Ann", userId: 42 });
    const session = await again(sessions, moved);
    await moved.regenerate();
    session.set("name", "Bob").delete("userId");
    await assertInterrupted(session.save());
    await assertInterrupted(session.regenerate());
    await assertStored(sessions, moved, { name: "Ann", userId: 42 });
    assert.equal((await sessions.list({ userId: 42 })).length, 1);
  }),
  rule("a save interrupted costs the one call that found it out", async ({ cache, sessions }) => {
    const other = await stored(sessions);
    const { cache: lent, calls } = watched(cache);
    const session = await again(createSessions({ cache: lent }), other);
    await other.destroy();
    await assertInterrupted(session.set("city", "Rome").save());
    assert.deepEqual(calls, ["load", "update"]);
  }),
  rule("steps at once after a destroy are all interrupted", async ({ sessions }) => {
    const other = await stored(sessions);
    const { id } = other;
    const session = await again(sessions, other);
    await other.destroy();
    session.set("city", "Rome");
    const steps = [session.save(), session.regenerate(), session.save(), session.regenerate()];
    for (const step of await Promise.allSettled(steps)) assert.equal(step.status, "rejected");
    await assertDead(sessions, id);
  }),
];
