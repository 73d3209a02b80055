import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { ConfigurationError } from "../../../src/contracts/errors.ts";
import type { Session, Sessions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import {
  again,
  assertDead,
  assertStored,
  brief,
  momentMs,
  rule,
  type SessionContext,
  type SessionRule,
  stored,
  unknownId,
} from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** Values that are no id; `load` answers them without a call to the store. */
const noIds: readonly (readonly [string, unknown])[] = [
  ["undefined", undefined],
  ["null", null],
  ["an empty text", ""],
  ["a short text", "A".repeat(45)],
  ["a long text", "A".repeat(47)],
  ["a text of a megabyte", "A".repeat(2 ** 20)],
  ["an id with a line end", `${unknownId()}\n`],
  ["an id with a space before it", ` ${unknownId()}`],
  ["an id without its slot tag", "A".repeat(43)],
  ["an id with padding", `${"A".repeat(45)}=`],
  ["an id in plain base64", `${"A".repeat(44)}+/`],
  ["an id with a letter of another alphabet", `${"A".repeat(45)}А`],
  ["a pattern", "*".repeat(46)],
  ["a handle", `{AAA}${"a".repeat(43)}`],
  ["a number", 5],
  ["an object", {}],
  ["an id in a list", [unknownId()]],
  ["an object that reads as an id", { toString: unknownId, length: 46 }],
  ["an id as an object", Object(unknownId())],
];

/** Each way to get a well-formed id that has no session. */
const deadIds: readonly (readonly [
  string,
  (context: SessionContext) => Promise<string | undefined>,
])[] = [
  ["was given to nobody", async () => unknownId()],
  [
    "has expired",
    async ({ sessions, make, pass }) => {
      const { id } = await stored(make({ ttl: brief }));
      await pass(momentMs);
      await assertDead(sessions, id);
      return id;
    },
  ],
  [
    "was destroyed",
    async ({ sessions }) => {
      const session = await stored(sessions);
      const { id } = session;
      await session.destroy();
      return id;
    },
  ],
  [
    "was given up for another",
    async ({ sessions }) => {
      const session = await stored(sessions);
      const { id } = session;
      await session.regenerate();
      return id;
    },
  ],
];

/** Checks that `load(id)` returned a new session, which gets another id. */
async function assertNotAdopted(sessions: Sessions, id: unknown): Promise<void> {
  const session = await sessions.load(id);
  assert.deepEqual([session.id, session.isNew, session.isEmpty], [undefined, true, true]);
  session.set("name", "Bob");
  await session.save();
  assert.notEqual(session.id, id);
  assertShape(session);
  await assertStored(sessions, session, { name: "Bob" });
}

function assertShape({ id = "", handle }: Session): void {
  assert.match(id, /^[A-Za-z0-9_-]{46}$/);
  const hash = createHash("sha256").update(id).digest("base64url");
  assert.equal(handle, `{${id.slice(0, 3)}}${hash}`);
}

/** What `load` and ids promise. */
export const loadingRules: readonly SessionRule[] = [
  ...noIds.map(([what, id]) =>
    rule(`${what} is no id: an empty session, without asking the store`, async ({ cache }) => {
      const { cache: lent, calls } = watched(cache);
      await assertNotAdopted(createSessions({ cache: lent }), id);
      assert.deepEqual(calls, ["create", "load"]);
    }),
  ),
  ...deadIds.map(([what, idOf]) =>
    rule(`an id that ${what} gives an empty session, and is never taken on`, async (context) => {
      const id = await idOf(context);
      await assertNotAdopted(context.sessions, id);
      await assertDead(context.sessions, id);
    }),
  ),
  rule(
    "an id is a slot tag and 32 random bytes, its handle the tag and a hash",
    async (context) => {
      const session = await stored(context.sessions);
      assertShape(session);
      assertShape(await again(context.sessions, session));
    },
  ),
  rule("no two sessions share an id", async ({ sessions }) => {
    const made = await Promise.all(Array.from({ length: 100 }, () => stored(sessions)));
    assert.equal(new Set(made.map(({ id }) => id)).size, 100);
  }),
  rule("later saves keep the id", async ({ sessions }) => {
    const session = await stored(sessions);
    const { id } = session;
    await session.set("city", "Rome").save();
    assert.equal(session.id, id);
    assert.equal((await again(sessions, session)).id, id);
  }),
  rule("a load costs one call of the store, and writes nothing", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    const { cache: lent, calls } = watched(cache);
    const watching = createSessions({ cache: lent });
    await again(watching, session);
    await watching.load(unknownId());
    assert.deepEqual(calls, ["load", "load"]);
  }),
  rule("two loads share no values", async ({ sessions }) => {
    const session = await stored(sessions, { cart: { items: ["fig"] } });
    const [one, other] = [await again(sessions, session), await again(sessions, session)];
    one.get("cart", { items: [""] }).items.push("pear");
    assert.deepEqual(other.get("cart"), { items: ["fig"] });
    assert.deepEqual(session.get("cart"), { items: ["fig"] });
  }),
  rule("onStoreError is one of two words, and load knows no other option", async (context) => {
    const { sessions } = context;
    const wrong: readonly (readonly [unknown, typeof TypeError | typeof ConfigurationError])[] = [
      [{ onStoreError: "throw" }, TypeError],
      [null, TypeError],
      ["anonymous", TypeError],
      [{ onstoreerror: "fail" }, ConfigurationError],
    ];
    for (const [options, kind] of wrong) {
      const load = sessions.load(undefined, options as object); // as JavaScript passes it
      await assert.rejects(load, kind);
    }
  }),
  rule("a session that the store gave is not detached", async ({ sessions }) => {
    const { id } = await stored(sessions);
    for (const onStoreError of ["fail", "anonymous"] as const) {
      const session = await sessions.load(id, { onStoreError });
      assert.deepEqual([session.detached, session.get("name")], [false, "Ann"]);
    }
  }),
];
