import assert from "node:assert/strict";
import type { OfUser, Session, Sessions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { assertTypeError } from "../cache-rules/cache-rule.ts";
import {
  again,
  assertDead,
  assertNear,
  assertStored,
  brief,
  hourMs,
  momentMs,
  rule,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { neverRemoving } from "./watched-cache.ts";

const noUsers: readonly unknown[] = [undefined, null, "", {}, ["42"], true, Symbol("42")];

/** User names with a special meaning in JavaScript, globs or keys. */
const hostileUsers: readonly string[] = [
  "*",
  "a[b]?\\",
  "__proto__",
  "constructor",
  "a:b",
  "user:",
  " ",
  "é😀",
  "line\r\nend\u0000",
  "x".repeat(10_000),
];

async function handlesOf(sessions: Sessions, userId: OfUser["userId"]): Promise<string[]> {
  return (await sessions.list({ userId })).map(({ handle }) => handle);
}

function sortedHandles(sessions: readonly Session[]): string[] {
  return sessions.map(({ handle }) => String(handle)).toSorted();
}

/** What `list` and `destroyAll` promise. */
export const userRules: readonly SessionRule[] = [
  rule("list tells a user's sessions", async ({ sessions }) => {
    const mine = [await stored(sessions, { userId: 42 }), await stored(sessions, { userId: 42 })];
    await stored(sessions, { userId: 7 });
    await stored(sessions, { name: "nobody" });
    const handles = await handlesOf(sessions, 42);
    assert.deepEqual(handles.toSorted(), sortedHandles(mine));
  }),
  rule("list tells the newest session first", async ({ sessions, pass }) => {
    const handles: unknown[] = [];
    for (let login = 0; login < 3; login++) {
      handles.unshift((await stored(sessions, { userId: 42 })).handle);
      await pass(200);
    }
    assert.deepEqual(await handlesOf(sessions, 42), handles);
  }),
  rule("a user nobody saw has no sessions", async ({ sessions }) => {
    assert.deepEqual(await sessions.list({ userId: "nobody" }), []);
    assert.equal(await sessions.destroyAll({ userId: "nobody" }), 0);
  }),
  rule("a summary tells fields and dates, and no id", async ({ make, clock }) => {
    const sessions = make({ ttl: "1h" });
    const session = await stored(sessions, { userId: 42, agent: { name: "curl" } });
    const [summary] = await sessions.list({ userId: 42 });
    assert.ok(summary);
    assert.equal(summary.handle, session.handle);
    assert.deepEqual([summary.get("agent"), summary.get("x")], [{ name: "curl" }, undefined]);
    assertNear(summary.createdAt.getTime() - clock.now(), 0);
    assertNear(summary.expiresAt.getTime() - clock.now(), hourMs);
    assert.equal("id" in summary, false);
  }),
  rule("a summary destroys its session, once", async ({ sessions }) => {
    const [one, other] = [
      await stored(sessions, { userId: 42 }),
      await stored(sessions, { userId: 42 }),
    ];
    const summary = (await sessions.list({ userId: 42 })).find(
      ({ handle }) => handle === one.handle,
    );
    assert.deepEqual([await summary?.destroy(), await summary?.destroy()], [true, false]);
    await assertDead(sessions, one.id);
    assert.deepEqual(await handlesOf(sessions, 42), [other.handle]);
  }),
  rule("a summary destroys its session under a new id too", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 42 });
    const [summary] = await sessions.list({ userId: 42 });
    await session.regenerate();
    assert.equal(await summary?.destroy(), true);
    await assertDead(sessions, session.id);
  }),
  rule("a number, its text and its BigInt are one user", async ({ sessions }) => {
    const logins = [42, "42", 42n].map((userId) => stored(sessions, { userId }));
    const made = sortedHandles(await Promise.all(logins));
    for (const userId of [42, "42", 42n]) {
      assert.deepEqual((await handlesOf(sessions, userId)).toSorted(), made);
    }
    assert.equal(await sessions.destroyAll({ userId: "42" }), 3);
  }),
  rule("destroyAll destroys a user's sessions, and no other's", async ({ sessions }) => {
    const mine = [await stored(sessions, { userId: 42 }), await stored(sessions, { userId: 42 })];
    const others = [
      await stored(sessions, { userId: 4 }),
      await stored(sessions, { userId: "420" }),
    ];
    const nobodys = await stored(sessions);
    assert.equal(await sessions.destroyAll({ userId: 42 }), 2);
    for (const { id } of mine) await assertDead(sessions, id);
    assert.equal((await again(sessions, nobodys)).get("name"), "Ann");
    for (const other of others) await again(sessions, other);
    assert.deepEqual(await handlesOf(sessions, 42), []);
    assert.equal(await sessions.destroyAll({ userId: 42 }), 0);
  }),
  rule("destroyAll spares the session that asks", async ({ sessions }) => {
    const [asking, other] = [
      await stored(sessions, { userId: 42 }),
      await stored(sessions, { userId: 42 }),
    ];
    const except = await again(sessions, asking);
    assert.equal(await sessions.destroyAll({ userId: 42, except }), 1);
    await assertDead(sessions, other.id);
    await assertStored(sessions, asking, { userId: 42 });
    assert.deepEqual(await handlesOf(sessions, 42), [asking.handle]);
  }),
  rule("destroyAll spares the session that asks under its new id", async ({ sessions }) => {
    const except = await stored(sessions, { userId: 42 });
    await stored(sessions, { userId: 42 });
    await except.regenerate();
    assert.equal(await sessions.destroyAll({ userId: 42, except }), 1);
    await assertStored(sessions, except, { userId: 42 });
  }),
  rule(
    "destroyAll spares the session that asks, though its old id's place remained",
    async (context) => {
      const forgetful = createSessions({ cache: neverRemoving(context.cache) });
      const except = await stored(forgetful, { userId: 42 });
      await except.regenerate();
      assert.equal(await context.sessions.destroyAll({ userId: 42, except }), 0);
      await assertStored(context.sessions, except, { userId: 42 });
    },
  ),
  rule("destroyAll with a session to spare that is new destroys all", async ({ sessions }) => {
    await stored(sessions, { userId: 42 });
    const except = await sessions.load(undefined);
    assert.equal(await sessions.destroyAll({ userId: 42, except }), 1);
  }),
  rule("destroyAll ends a session that is regenerated at the same time", async ({ sessions }) => {
    for (let round = 0; round < 10; round++) {
      const session = await stored(sessions, { userId: 42 });
      const { id } = session;
      await Promise.allSettled([session.regenerate(), sessions.destroyAll({ userId: 42 })]);
      await assertDead(sessions, id);
      await assertDead(sessions, session.id);
      assert.deepEqual(await handlesOf(sessions, 42), []);
    }
  }),
  rule("a login after destroyAll lives", async ({ sessions }) => {
    await stored(sessions, { userId: 42 });
    await sessions.destroyAll({ userId: 42 });
    const session = await stored(sessions, { userId: 42 });
    assert.deepEqual(await handlesOf(sessions, 42), [session.handle]);
  }),
  rule("list passes by what was destroyed, has expired or got a new id", async (context) => {
    const { sessions, make, pass } = context;
    const [destroyed, regenerated] = [
      await stored(sessions, { userId: 42 }),
      await stored(sessions, { userId: 42 }),
    ];
    await stored(make({ ttl: brief }), { userId: 42 });
    await destroyed.destroy();
    await regenerated.regenerate();
    await pass(momentMs);
    assert.deepEqual(await handlesOf(sessions, 42), [regenerated.handle]);
    assert.equal(await sessions.destroyAll({ userId: 42 }), 1);
  }),
  rule("another field can name the user", async ({ make }) => {
    const sessions = make({ userField: "account" });
    const session = await stored(sessions, { account: "ann", userId: 42 });
    assert.deepEqual(await handlesOf(sessions, "ann"), [session.handle]);
    assert.deepEqual(await handlesOf(sessions, 42), []);
  }),
  rule("users of any name are apart", async ({ sessions }) => {
    const made = new Map<string, string | undefined>();
    for (const userId of hostileUsers)
      made.set(userId, (await stored(sessions, { userId })).handle);
    for (const [userId, handle] of made) {
      assert.deepEqual(await handlesOf(sessions, userId), [handle]);
      assert.equal(await sessions.destroyAll({ userId }), 1);
    }
  }),
  rule("what names no user is no user", async ({ sessions }) => {
    for (const userId of ["", null, { id: 42 }, ["42"], true, Number.NaN]) {
      await stored(sessions, { userId });
    }
    for (const userId of ["null", "true", "NaN", "42", "[object Object]"]) {
      assert.deepEqual(await handlesOf(sessions, userId), []);
    }
  }),
  rule("list and destroyAll refuse what names no user", async ({ sessions }) => {
    for (const userId of [...noUsers, Number.NaN]) {
      const user = { userId } as OfUser; // as JavaScript passes it
      await assertTypeError(sessions.list(user));
      await assertTypeError(sessions.destroyAll(user));
    }
  }),
  rule("destroyAll knows no other option", async ({ sessions }) => {
    const options = { userId: 42, excpt: undefined };
    await assert.rejects(sessions.destroyAll(options), { code: "CONFIGURATION" });
  }),
  rule("destroyAll refuses to spare what is no session", async ({ sessions }) => {
    const session = await stored(sessions, { userId: 42 });
    for (const except of [session.id, session.handle, 5, null, true]) {
      const options = { userId: 42, except } as { userId: number }; // as JavaScript passes it
      await assertTypeError(sessions.destroyAll(options));
    }
    await assertStored(sessions, session, { userId: 42 });
  }),
  rule("a hundred sessions of one user are listed and destroyed", async ({ sessions }) => {
    const logins = Array.from({ length: 100 }, () => stored(sessions, { userId: 42 }));
    const made = sortedHandles(await Promise.all(logins));
    assert.deepEqual((await handlesOf(sessions, 42)).toSorted(), made);
    assert.equal(await sessions.destroyAll({ userId: 42 }), 100);
    assert.deepEqual(await handlesOf(sessions, 42), []);
  }),
];
