import assert from "node:assert/strict";
import type { Sessions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  assertDead,
  assertStored,
  rule,
  type SessionContext,
  type SessionRule,
  stored,
} from "./session-rule.ts";

/** Two `Sessions` in one store whose sessions must stay apart. */
const pairs: readonly (readonly [string, (context: SessionContext) => [Sessions, Sessions]])[] = [
  ["of two key prefixes", ({ make }) => [make({ keyPrefix: "a:" }), make({ keyPrefix: "b:" })]],
  [
    "of a key prefix that is the beginning of another",
    ({ make }) => [make({ keyPrefix: "a" }), make({ keyPrefix: "aa" })],
  ],
  [
    "of a key prefix that matches another as a pattern",
    ({ make }) => [make({ keyPrefix: "a*" }), make({ keyPrefix: "ab" })],
  ],
  [
    "of a key prefix with a backslash",
    ({ make }) => [make({ keyPrefix: "a\\*" }), make({ keyPrefix: "a*" })],
  ],
  [
    "of a namespace and of the cache around it",
    ({ cache }) => [createSessions({ cache }), createSessions({ cache: cache.namespace("shop") })],
  ],
  [
    "of two namespaces",
    ({ cache }) => [
      createSessions({ cache: cache.namespace("a") }),
      createSessions({ cache: cache.namespace("b") }),
    ],
  ],
  [
    "of two versions of a cache",
    ({ cache }) => [createSessions({ cache }), createSessions({ cache: cache.withVersion(2) })],
  ],
];

/** Sessions stay apart from cache entries and other sessions in the same store. */
export const apartRules: readonly SessionRule[] = [
  ...pairs.flatMap(([what, makeBoth]) => [
    rule(`sessions ${what} do not know each other's ids`, async (context) => {
      const both = makeBoth(context);
      for (const [mine, others] of [both, both.toReversed()] as [Sessions, Sessions][]) {
        const session = await stored(mine);
        await assertDead(others, session.id);
        await (await others.load(session.id)).destroy();
        await assertStored(mine, session, { name: "Ann" });
      }
    }),
    rule(`sessions ${what} do not share users`, async (context) => {
      const both = makeBoth(context);
      for (const [mine, others] of [both, both.toReversed()] as [Sessions, Sessions][]) {
        const session = await stored(mine, { userId: 42 });
        assert.deepEqual(await others.list({ userId: 42 }), []);
        assert.equal(await others.destroyAll({ userId: 42 }), 0);
        await assertStored(mine, session, { userId: 42 });
        assert.equal(await mine.destroyAll({ userId: 42 }), 1);
      }
    }),
  ]),
  rule("sessions of the same options are the same sessions", async ({ sessions, make }) => {
    const session = await stored(sessions);
    await assertStored(make(), session, { name: "Ann" });
    await assertStored(make({ keyPrefix: "session:" }), session, { name: "Ann" });
  }),
  rule("no pattern of the cache meets a session", async ({ cache, sessions }) => {
    const session = await stored(sessions, { userId: 42 });
    await session.regenerate();
    assert.deepEqual(await cache.keys("*"), []);
    assert.deepEqual(await cache.keys("*session*"), []);
    assert.equal(await cache.deletePattern("*"), 0);
    await assertStored(sessions, session, { userId: 42 });
  }),
  rule("clear of the cache leaves the sessions", async ({ cache, sessions }) => {
    await cache.set("key", 1);
    const session = await stored(sessions, { userId: 42 });
    assert.equal(await cache.clear(), 1);
    await assertStored(sessions, session, { userId: 42 });
    assert.equal((await sessions.list({ userId: 42 })).length, 1);
  }),
  rule("clear of a namespace, and of a version, leaves its sessions", async ({ cache }) => {
    for (const view of [cache.namespace("shop"), cache.withVersion(2)]) {
      const sessions = createSessions({ cache: view });
      const session = await stored(sessions);
      await view.set("key", 1);
      await view.clear();
      assert.equal(await cache.deletePattern("*"), 0);
      await assertStored(sessions, session, { name: "Ann" });
    }
  }),
  rule("keys of the cache that read like a session's are none", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    for (const key of [`session:${session.handle}`, `#record:1:session:${session.handle}`]) {
      await cache.set(key, "text");
      assert.equal(await cache.delete(key), true);
    }
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("a session is no hit, no miss and no write of the cache", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    await assertStored(sessions, session, { name: "Ann" });
    const { hits, misses, writes, deletes } = cache.stats();
    assert.deepEqual([hits, misses, writes, deletes], [0, 0, 0, 0]);
  }),
];
