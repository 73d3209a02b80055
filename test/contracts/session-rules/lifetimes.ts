import assert from "node:assert/strict";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertInterrupted,
  assertLives,
  assertNear,
  assertStored,
  brief,
  dayMs,
  hourMs,
  microtasks,
  minuteMs,
  momentMs,
  remainingMs,
  rule,
  type SessionContext,
  type SessionRule,
  stored,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** Calls that could extend the session. */
const steps: readonly (readonly [string, (context: SessionContext) => Promise<void>])[] = [
  ["a save", (context) => assertSameEnd(context, (session) => session.set("city", "Rome").save())],
  ["an untouched save", (context) => assertSameEnd(context, (session) => session.save())],
  ["a new id", (context) => assertSameEnd(context, (session) => session.regenerate())],
  [
    "an expiry of its own",
    (context) =>
      assertSameEnd(context, (session) => {
        session.setExpiry("30d");
        return session.save();
      }),
  ],
];

/** Checks that a step in a rolling session does not extend it past its absolute lifetime of a minute. */
async function assertSameEnd(
  { cache, make, pass }: SessionContext,
  step: (session: Awaited<ReturnType<typeof stored>>) => Promise<unknown>,
): Promise<void> {
  const sessions = make({ ttl: "1h", absoluteTtl: "1m", rolling: true });
  const session = await stored(sessions);
  await pass(1_100);
  const next = await again(sessions, session);
  await step(next);
  const leftMs = await remainingMs(cache, next);
  assertNear(leftMs, minuteMs);
  assert.ok(leftMs <= minuteMs - 1_000, `${leftMs} ms are left`);
}

/** What `ttl`, `rolling` and `absoluteTtl` promise. */
export const lifetimeRules: readonly SessionRule[] = [
  rule("a session lives for 14 days unless told otherwise", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    await assertLives(cache, session, 14 * dayMs);
    assertNear(session.expiryAge * 1_000, 14 * dayMs);
    assert.equal(sessions.rolling, false);
  }),
  rule("a session lives for the ttl of its sessions", async ({ cache, make }) => {
    const session = await stored(make({ ttl: "1h" }));
    await assertLives(cache, session, hourMs);
    assertNear(session.expiryAge * 1_000, hourMs);
  }),
  rule("a session is gone once its ttl has passed", async ({ sessions, make, pass }) => {
    const { id } = await stored(make({ ttl: brief }));
    await pass(momentMs);
    await assertDead(sessions, id);
  }),
  rule("the cache's own ttl is not the sessions'", async ({ open }) => {
    const cache = await open({ ttl: 1 });
    const session = await stored(createSessions({ cache }));
    await assertLives(cache, session, 14 * dayMs);
  }),
  rule("a save begins the ttl anew", async ({ cache, sessions, make }) => {
    const session = await again(make({ ttl: "1h" }), await stored(make({ ttl: "1m" })));
    assert.equal(await session.set("city", "Rome").save(), true);
    await assertLives(cache, session, hourMs);
    await assertStored(sessions, session, { name: "Ann", city: "Rome" });
  }),
  rule("an untouched session that does not roll lives no longer", async ({ cache, make }) => {
    const session = await again(make({ ttl: "1h" }), await stored(make({ ttl: "1m" })));
    assert.equal(await session.save(), false);
    await assertLives(cache, session, minuteMs);
  }),
  rule("an untouched rolling session lives longer by its save", async ({ cache, make }) => {
    const rolling = make({ ttl: "1h", rolling: true });
    const session = await again(rolling, await stored(make({ ttl: "1m" })));
    assert.equal(rolling.rolling, true);
    assert.equal(await session.save(), true);
    await assertLives(cache, session, hourMs);
    await assertStored(rolling, session, { name: "Ann" });
  }),
  rule(
    "a rolling session is not extended before a thousandth of its life is over",
    async (context) => {
      const { cache: lent, calls } = watched(context.cache);
      const rolling = createSessions({ cache: lent, ttl: "1h", rolling: true });
      const session = await again(rolling, await stored(rolling));
      assert.deepEqual([await session.save(), await session.save()], [false, false]);
      assert.deepEqual(calls, ["create", "load"]);
    },
  ),
  rule("a rolling session is extended once a thousandth of its life is over", async (context) => {
    const { cache: lent, calls } = watched(context.cache);
    const rolling = createSessions({ cache: lent, ttl: "10s", rolling: true });
    const session = await again(rolling, await stored(rolling));
    await context.pass(120);
    assert.deepEqual([await session.save(), calls.at(-1)], [true, "touch"]);
    assert.equal(calls.length, 3);
  }),
  rule("a rolling session that is used lives on and on", async ({ make, pass }) => {
    const rolling = make({ ttl: "3s", rolling: true });
    const session = await stored(rolling);
    for (let use = 0; use < 3; use++) {
      await pass(1_100);
      await (await again(rolling, session)).save();
    }
    await assertStored(rolling, session, { name: "Ann" });
  }),
  rule("a rolling session that is not used ends", async ({ make, pass }) => {
    const rolling = make({ ttl: brief, rolling: true });
    const { id } = await stored(rolling);
    await pass(momentMs);
    await assertDead(rolling, id);
  }),
  rule("a rolling session is extended by the expiry that it was given", async (context) => {
    const rolling = context.make({ ttl: "1d", rolling: true });
    const session = await rolling.load(undefined);
    session.set("name", "Ann").setExpiry("5s");
    await session.save();
    await context.pass(100);
    const next = await again(rolling, session);
    assert.equal(await next.save(), true);
    await assertLives(context.cache, next, 5_000);
    assert.equal(next.expiryAge <= 5, true);
  }),
  rule("a rolling session with a Date for its end is not extended", async (context) => {
    const rolling = context.make({ rolling: true });
    const session = await rolling.load(undefined);
    session.set("name", "Ann").setExpiry(new Date(context.clock.now() + 10_000));
    await session.save();
    await context.pass(120);
    assert.equal(await (await again(rolling, session)).save(), false);
  }),
  rule("rolling does not bring a destroyed session back", async ({ make, pass }) => {
    const rolling = make({ ttl: "10s", rolling: true });
    for (const fields of [{ name: "Ann" }, { name: "Ann", userId: 42 }]) {
      const other = await stored(rolling, fields);
      const session = await again(rolling, other);
      const { id } = other;
      await other.destroy();
      await pass(120);
      assert.equal(await session.save(), false);
      await assertDead(rolling, id);
    }
  }),
  rule(
    "a destroyed session whose place among its user's ran out is left alone too",
    async (context) => {
      const other = await stored(context.make({ ttl: "1m" }), { userId: 42 });
      const session = await again(context.make({ ttl: "1h", rolling: true }), other);
      const { id } = other;
      await other.destroy();
      assert.equal(await session.save(), false);
      await assertDead(context.sessions, id);
      assert.deepEqual(await context.sessions.list({ userId: 42 }), []);
    },
  ),
  rule(
    "a rolling save of a destroyed session, and then a written one: nothing old",
    async (context) => {
      const rolling = context.make({ ttl: "10s", rolling: true });
      const other = await stored(rolling, { secret: "old" });
      const session = await again(rolling, other);
      const { id } = other;
      await other.destroy();
      await context.pass(120);
      await session.save();
      await session.set("city", "Rome").save().catch(assertIsInterruption);
      await assertDead(rolling, id);
      if (session.id !== id) await assertStored(rolling, session, { city: "Rome" });
    },
  ),
  rule(
    "what is written while a rolling save finds its session destroyed is not lost",
    async (context) => {
      const rolling = context.make({ ttl: "10s", rolling: true });
      for (let turns = 0; turns < 8; turns++) {
        const other = await stored(rolling);
        const session = await again(rolling, other);
        await other.destroy();
        await context.pass(110);
        const saving = session.save().catch(assertIsInterruption);
        await microtasks(turns);
        const { isNew } = session;
        session.set("city", "Rome");
        await saving;
        assert.equal(session.get("city"), "Rome");
        if (isNew) assert.equal(await session.save(), true);
        else await assertInterrupted(session.save());
      }
    },
  ),
  rule("a session lives no longer than absoluteTtl", async ({ cache, make }) => {
    const session = await stored(make({ ttl: "1h", absoluteTtl: "1m" }));
    await assertLives(cache, session, minuteMs);
    assertNear(session.expiryAge * 1_000, minuteMs);
  }),
  ...steps.map(([what, check]) =>
    rule(`${what} does not carry a session past its absoluteTtl`, check),
  ),
  rule("a session is gone once its absoluteTtl has passed, whatever happens", async (context) => {
    const sessions = context.make({ absoluteTtl: "1s" });
    const session = await stored(sessions);
    await session.set("city", "Rome").save();
    await session.regenerate();
    await context.pass(1_100);
    await assertInterrupted(session.set("city", "Oslo").save());
    await assertDead(sessions, session.id);
  }),
  rule("absoluteTtl bounds a shorter life not at all", async ({ cache, make }) => {
    const session = await stored(make({ ttl: "1m", absoluteTtl: "1h" }));
    await assertLives(cache, session, minuteMs);
  }),
  rule(
    "a new session after a destroy begins its absoluteTtl anew",
    async ({ cache, make, pass }) => {
      const session = await stored(make({ absoluteTtl: "20s" }));
      await pass(1_100);
      await session.destroy();
      await session.set("name", "Bob").save();
      const leftMs = await remainingMs(cache, session);
      assert.ok(leftMs > 18_900, `${leftMs} ms are left`);
    },
  ),
];

function assertIsInterruption(error: unknown): void {
  assert.equal((error as { readonly code?: unknown }).code, "SESSION_INTERRUPTED");
}
