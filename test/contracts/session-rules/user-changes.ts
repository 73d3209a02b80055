import assert from "node:assert/strict";
import type { Session, Sessions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  microtasks,
  noise,
  rule,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

const users = [1, 2, 3] as const;

/** Checks that a session belongs to this user and to no other. */
async function assertBelongs(
  sessions: Sessions,
  session: Session,
  user: number | undefined,
): Promise<void> {
  for (const userId of users) {
    const handles = (await sessions.list({ userId })).map(({ handle }) => handle);
    const expected = userId === user ? [session.handle] : [];
    assert.deepEqual(handles, expected, `the sessions of ${userId}`);
  }
}

/** Checks that `destroyAll` of this user destroys a session, and of other users does not. */
async function assertGoesWith(sessions: Sessions, session: Session, user: number): Promise<void> {
  await assertBelongs(sessions, session, user);
  for (const userId of users) {
    if (userId !== user) assert.equal(await sessions.destroyAll({ userId }), 0);
  }
  assert.equal(await sessions.destroyAll({ userId: user }), 1);
  await assertDead(sessions, session.id);
}

/** Sessions whose user changes. */
export const userChangeRules: readonly SessionRule[] = [
  rule("a login makes the session its user's", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    await session.set("userId", 1).save();
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a login with a new id makes the session its user's", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    await session.set("userId", 1).regenerate();
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a session whose user changed goes with the new one", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 1 });
    await session.set("userId", 2).save();
    await assertGoesWith(sessions, session, 2);
  }),
  rule("a session whose user changed with its id goes with the new one", async (context) => {
    const session = await stored(context.sessions, { userId: 1 });
    await session.set("userId", 2).regenerate();
    await assertGoesWith(context.sessions, session, 2);
  }),
  rule("a session whose user changed and changed back goes with the first", async (context) => {
    const session = await stored(context.sessions, { userId: 1 });
    await session.set("userId", 2).save();
    await (await again(context.sessions, session)).set("userId", 1).save();
    await assertGoesWith(context.sessions, session, 1);
  }),
  rule("a session whose user is deleted is nobody's", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 1 });
    session.delete("userId");
    await session.save();
    await assertBelongs(sessions, session, undefined);
    assert.equal(await sessions.destroyAll({ userId: 1 }), 0);
    await again(sessions, session);
  }),
  rule("a cleared session is nobody's", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 1 });
    session.clear();
    await session.save();
    await assertBelongs(sessions, session, undefined);
  }),
  rule("a session is its user's through saves of other fields", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 1 });
    for (let save = 0; save < 3; save++) {
      await (await again(sessions, session)).set("save", save).save();
    }
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a login beside a request that saves another field", async ({ sessions }) => {
    const session = await stored(sessions);
    const other = await again(sessions, session);
    await session.set("userId", 1).save();
    await other.set("city", "Rome").save();
    await assertGoesWith(sessions, session, 1);
  }),
  rule("of two logins into one session side by side the last wins", async ({ sessions }) => {
    const session = await stored(sessions);
    const other = await again(sessions, session);
    await session.set("userId", 1).save();
    await other.set("userId", 2).save();
    assert.equal((await again(sessions, session)).get("userId"), 2);
    await assertGoesWith(sessions, session, 2);
  }),
  rule("a request that writes the user it found wins over another's change", async (context) => {
    const { sessions } = context;
    const session = await stored(sessions, { userId: 1 });
    const other = await again(sessions, session);
    await session.set("userId", 2).save();
    await other.set("userId", 1).save();
    assert.equal((await again(sessions, session)).get("userId"), 1);
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a request that writes the user it found wins over another's logout", async (context) => {
    const { sessions } = context;
    const session = await stored(sessions, { userId: 1 });
    const other = await again(sessions, session);
    session.clear();
    await session.save();
    await other.set("userId", 1).save();
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a request that writes that there is no user wins over another's login", async (context) => {
    const { sessions } = context;
    const session = await stored(sessions);
    const other = await again(sessions, session);
    await session.set("userId", 1).save();
    await other.set("userId", null).save();
    await assertBelongs(sessions, session, undefined);
  }),
  rule(
    "a user that changes back while the change is under way keeps the session",
    async (context) => {
      const { sessions } = context;
      for (let round = 0; round < 20; round++) {
        const session = await stored(sessions, { userId: 1 });
        const other = await again(sessions, session);
        const changing = session.set("userId", 2).save();
        await microtasks(round);
        await other.set("userId", 1).save();
        await changing;
        const { userId } = Object.fromEntries((await again(sessions, session)).entries());
        await assertGoesWith(sessions, session, Number(userId));
      }
    },
  ),
  rule("a login that is not stored makes no session of the user", async ({ make }) => {
    const sessions = make({ maxBytes: 100 });
    const session = await stored(sessions);
    session.set("userId", 1).set("big", noise(200));
    await assert.rejects(session.save(), { code: "VALUE_TOO_LARGE" });
    await assertBelongs(sessions, session, undefined);
  }),
  rule("a rolling session stays its user's for as long as it lives", async ({ make, pass }) => {
    const brief = await stored(make({ ttl: "1s" }), { userId: 1 });
    const rolling = make({ ttl: "1h", rolling: true });
    const session = await again(rolling, brief);
    assert.equal(await session.save(), true);
    await pass(2_100);
    await assertGoesWith(rolling, session, 1);
  }),
  rule("a session that is saved again and again stays its user's", async ({ make, pass }) => {
    const brief = await stored(make({ ttl: "1s" }), { userId: 1 });
    const sessions = make({ ttl: "1h" });
    const session = await again(sessions, brief);
    await session.set("city", "Rome").save();
    await pass(2_100);
    await assertGoesWith(sessions, session, 1);
  }),
  rule("a session with a longer expiry of its own stays its user's", async ({ make, pass }) => {
    const sessions = make({ ttl: "1s" });
    const session = await stored(sessions, { userId: 1 });
    session.setExpiry("1h");
    await session.save();
    await pass(2_100);
    await assertGoesWith(sessions, session, 1);
  }),
  rule(
    "a request after logins of a longer and a shorter life side by side settles it",
    async (context) => {
      const { make, pass } = context;
      const sessions = make({ ttl: "1s" });
      const session = await stored(sessions);
      const other = await again(sessions, session);
      session.set("userId", 1).setExpiry("1h");
      await session.save();
      await other.set("userId", 1).save();
      await (await again(sessions, session)).set("city", "Rome").save();
      await pass(2_100);
      await assertGoesWith(sessions, session, 1);
    },
  ),
  rule("a login, and a change of user, cost one call of the store more", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const sessions = createSessions({ cache: lent });
    const session = await stored(sessions, { userId: 1 });
    assert.deepEqual(calls.splice(0), ["index.add", "create"]);
    await session.set("userId", 2).save();
    assert.deepEqual(calls.splice(0), ["index.add", "update"]);
    await session.set("city", "Rome").save();
    assert.deepEqual(calls, ["update"]);
  }),
  rule("list costs one call of the store, and one per session", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const sessions = createSessions({ cache: lent });
    for (let login = 0; login < 3; login++) await stored(sessions, { userId: 1 });
    calls.length = 0;
    await sessions.list({ userId: 1 });
    assert.deepEqual(calls.splice(0), ["index.members", "load", "load", "load"]);
    await sessions.destroyAll({ userId: 1 });
    assert.deepEqual(calls.slice(0, -1), ["index.members", "destroy", "destroy", "destroy"]);
    assert.equal(calls.at(-1), "index.remove");
  }),
];
