import assert from "node:assert/strict";
import type { Session } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertLives,
  assertNear,
  assertRefused,
  assertStored,
  call,
  dayMs,
  hourMs,
  microtasks,
  minuteMs,
  rule,
  type SessionContext,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** Arguments of `setExpiry`, each with the lifetime that it gives. */
const expiries: readonly (readonly [
  string,
  (now: number) => Parameters<Session["setExpiry"]>[0],
  number,
])[] = [
  ["seconds", () => 3_600, hourMs],
  ["seconds with a fraction", () => 60.5, minuteMs + 500],
  ["a text with a unit", () => "5m", 5 * minuteMs],
  ["a Date", (now) => new Date(now + hourMs), hourMs],
  ["a Date longer than the usual lifetime", (now) => new Date(now + 30 * dayMs), 30 * dayMs],
  ["a duration longer than the usual lifetime", () => "30d", 30 * dayMs],
  ["0, for the end of the browser,", () => 0, 14 * dayMs],
  ["null, for the usual lifetime,", () => null, 14 * dayMs],
];

/** Arguments of `setExpiry` that end the session at once. */
const past: readonly (readonly [string, (now: number) => number | Date | string])[] = [
  ["a Date that is past", (now) => new Date(now - minuteMs)],
  ["the first Date of all", () => new Date(0)],
  ["negative seconds", () => -5],
  ["a negative text", () => "-1h"],
];

const noExpiries: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  "5 apples",
  "",
  "forever",
  true,
  5n,
  {},
  [5],
  new Date(Number.NaN),
  { getTime: () => 0 },
];

/** Stores a session with this expiry. Returns it. */
async function storedWith(
  { sessions, clock }: SessionContext,
  expiryAt: (now: number) => Parameters<Session["setExpiry"]>[0],
): Promise<Session> {
  const session = await sessions.load(undefined);
  session.set("name", "Ann").setExpiry(expiryAt(clock.now()));
  await session.save();
  return session;
}

function assertExpiryTold({ clock }: SessionContext, session: Session, expectedMs: number): void {
  assertNear(session.expiryAge * 1_000, expectedMs);
  assertNear(session.expiryDate.getTime() - clock.now(), expectedMs);
  assert.equal(Number.isInteger(session.expiryAge), true);
}

/** What `setExpiry` and the properties that report the expiry promise. */
export const expiryRules: readonly SessionRule[] = [
  ...expiries.flatMap(([what, expiryAt, expectedMs]) => [
    rule(`setExpiry takes ${what} and tells it at once`, async (context) => {
      const session = await context.sessions.load(undefined);
      session.setExpiry(expiryAt(context.clock.now()));
      assertExpiryTold(context, session, expectedMs);
    }),
    rule(`an expiry by ${what} is kept from request to request`, async (context) => {
      const session = await storedWith(context, expiryAt);
      const next = await again(context.sessions, session);
      await next.set("city", "Rome").save();
      const last = await again(context.sessions, next);
      assertExpiryTold(context, last, expectedMs);
      await assertLives(context.cache, last, expectedMs);
    }),
    rule(`an expiry by ${what} is a change that save stores`, async (context) => {
      const session = await stored(context.sessions);
      session.setExpiry("7d");
      await session.save();
      session.setExpiry(expiryAt(context.clock.now()));
      assert.deepEqual([await session.save(), await session.save()], [true, false]);
      await assertLives(context.cache, session, expectedMs);
    }),
  ]),
  rule("only 0 lets a cookie end with the browser", async (context) => {
    for (const [what, expiryAt] of expiries) {
      const session = await storedWith(context, expiryAt);
      const next = await again(context.sessions, session);
      const isZero = expiryAt(0) === 0;
      assert.equal(session.expiresAtBrowserClose, isZero, what);
      assert.equal(next.expiresAtBrowserClose, isZero, what);
    }
  }),
  rule("null takes an expiry back", async (context) => {
    const session = await storedWith(context, () => 0);
    session.setExpiry(null);
    assert.equal(session.expiresAtBrowserClose, false);
    await session.save();
    assert.equal((await again(context.sessions, session)).expiresAtBrowserClose, false);
  }),
  rule("a duration begins anew with each save, a Date does not", async (context) => {
    const { clock, sessions, pass } = context;
    const idle = await storedWith(context, () => "1h");
    const end = new Date(clock.now() + hourMs);
    const fixed = await storedWith(context, () => end);
    await pass(1_100);
    const [later, same] = [await again(sessions, idle), await again(sessions, fixed)];
    assert.ok(later.expiryDate.getTime() > end.getTime() + 1_000);
    assert.equal(same.expiryDate.getTime(), end.getTime());
    assert.ok(same.expiryAge <= 3_598);
  }),
  rule("expiryAge is in whole seconds, rounded down, and may be negative", async (context) => {
    const session = await context.sessions.load(undefined);
    session.setExpiry("1999ms");
    assert.equal(session.expiryAge, 1);
    session.setExpiry("-1ms");
    assert.equal(session.expiryAge, -1);
    session.setExpiry(new Date(context.clock.now() - 5_500));
    assert.ok(session.expiryAge <= -6);
  }),
  rule("setExpiry refuses everything else, and leaves the expiry as it was", async (context) => {
    const session = await storedWith(context, () => 0);
    for (const expiry of noExpiries) assertRefused(() => call(session, "setExpiry", expiry));
    assert.deepEqual([session.expiresAtBrowserClose, session.modified], [true, false]);
  }),
  rule("an expiry that is set while a save is under way is the next save's", async (context) => {
    const { sessions } = context;
    for (let turns = 0; turns < 12; turns++) {
      const session = await stored(sessions, { userId: 1 });
      const { id } = session;
      const saving = session.set("userId", 2).save();
      await microtasks(turns);
      session.setExpiry(new Date(0));
      await saving;
      await session.save();
      assert.deepEqual([session.id, session.isNew], [undefined, true]);
      await assertDead(sessions, id);
    }
  }),
  rule(
    "endsAt and remainingMs tell the end of what is stored, not of what is set",
    async (context) => {
      const { sessions, clock } = context;
      const fresh = await sessions.load(undefined);
      assert.deepEqual([fresh.endsAt, fresh.remainingMs], [undefined, 0]);
      const session = await storedWith(context, () => "1h");
      session.setExpiry("2h");
      for (const found of [session, await again(sessions, session)]) {
        assertNear(found.remainingMs, hourMs);
        assertNear(Number(found.endsAt) - clock.now(), hourMs);
      }
      await session.save();
      assertNear(session.remainingMs, 2 * hourMs);
      await session.destroy();
      assert.deepEqual([session.endsAt, session.remainingMs], [undefined, 0]);
    },
  ),
  rule("a Date that is changed later does not change the expiry", async (context) => {
    const session = await context.sessions.load(undefined);
    const end = new Date(context.clock.now() + hourMs);
    session.set("name", "Ann").setExpiry(end);
    end.setTime(0);
    assert.equal(await session.save(), true);
    await assertLives(context.cache, session, hourMs);
  }),
  ...past.flatMap(([what, expiryAt]) => [
    rule(`${what} destroys the session when it is saved`, async ({ sessions, clock }) => {
      const session = await stored(sessions, { name: "Ann", userId: 42 });
      const { id } = session;
      session.setExpiry(expiryAt(clock.now()));
      assert.equal(await session.save(), true);
      assert.deepEqual([session.id, session.isNew, session.isEmpty], [undefined, true, true]);
      await assertDead(sessions, id);
      assert.deepEqual(await sessions.list({ userId: 42 }), []);
    }),
    rule(`${what} lets a new session never be stored`, async ({ cache, clock }) => {
      const { cache: lent, calls } = watched(cache);
      const session = await createSessions({ cache: lent }).load(undefined);
      session.set("name", "Ann").set("userId", 42).setExpiry(expiryAt(clock.now()));
      assert.equal(await session.save(), false);
      assert.deepEqual([session.id, session.isNew, calls], [undefined, true, []]);
    }),
    rule(`an object whose session ended by ${what} begins anew`, async (context) => {
      const { sessions, clock } = context;
      for (const session of [await stored(sessions), await sessions.load(undefined)]) {
        session.set("city", "Rome").setExpiry(expiryAt(clock.now()));
        await session.save();
        session.setExpiry(null);
        await session.set("name", "Bob").save();
        assert.deepEqual(session.entries(), [["name", "Bob"]]);
        await assertStored(sessions, session, { name: "Bob" });
      }
    }),
  ]),
];
