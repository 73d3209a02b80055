import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { ErrorEvent } from "../../../src/contracts/events.ts";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import type { Session } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { sessionBackendOf } from "../../../src/sessions/session-backend.ts";
import { again, assertDead, assertStored, rule, type SessionRule, stored } from "./session-rule.ts";

/** Bytes that no codec of this library writes. */
const foreign: readonly (readonly [string, Encoded])[] = [
  ["bytes that are no text", new Uint8Array([0xff, 0xfe, 0x00, 0x80])],
  ["half a JSON text", '{"name":'],
  ["nothing at all", ""],
  ["a serialized object of PHP", 'O:8:"stdClass":0:{}'],
  ["a pickle", Buffer.from("80049503000000000000004b012e", "hex")],
];

/** Writes a field of a stored session directly to the store. */
async function damage(cache: Cache, { handle }: Session, value: Encoded): Promise<void> {
  const access = sessionBackendOf(cache);
  const change = { set: new Map([["data:name", value]]), remove: [] };
  const key = access.key(`session:${handle}`);
  assert.equal(await access.records.update(key, change, { ttlMs: 60_000 }), true);
}

function errorsOf(cache: Cache): readonly ErrorEvent[] {
  const told: ErrorEvent[] = [];
  cache.on("error", (event) => told.push(event));
  return told;
}

/** Stored sessions that cannot be decoded. */
export const damageRules: readonly SessionRule[] = [
  ...foreign.map(([what, value]) =>
    rule(
      `a session with ${what} for a field is empty, and the cache tells of it`,
      async (context) => {
        const { cache, sessions } = context;
        const session = await stored(sessions);
        await damage(cache, session, value);
        const told = errorsOf(cache);
        await assertDead(sessions, session.id);
        assert.deepEqual(
          told.map(({ operation, ignored }) => [operation, ignored]),
          [["sessions.load", true]],
        );
      },
    ),
  ),
  rule("a session that cannot be read is not adopted", async ({ cache, sessions }) => {
    const session = await stored(sessions);
    await damage(cache, session, "{");
    const next = await sessions.load(session.id);
    await next.set("name", "Bob").save();
    assert.notEqual(next.id, session.id);
    await assertStored(sessions, next, { name: "Bob" });
  }),
  rule("a session that cannot be read does not hide the others of its user", async (context) => {
    const { cache, sessions } = context;
    const [one, other] = [
      await stored(sessions, { userId: 42 }),
      await stored(sessions, { userId: 42 }),
    ];
    await damage(cache, one, "{");
    const handles = (await sessions.list({ userId: 42 })).map(({ handle }) => handle);
    assert.deepEqual(handles, [other.handle]);
  }),
  rule(
    "a session that cannot be read is destroyed with its user's",
    async ({ cache, sessions }) => {
      const session = await stored(sessions, { userId: 42 });
      await damage(cache, session, "{");
      assert.equal(await sessions.destroyAll({ userId: 42 }), 1);
    },
  ),
  rule("a serializer that throws when reading makes an empty session", async ({ open }) => {
    let isBroken = false;
    const decode = (bytes: Uint8Array): unknown => {
      if (isBroken) throw new RangeError("broken");
      return JSON.parse(Buffer.from(bytes).toString());
    };
    const serializer = { name: "mine", encode: (value: unknown) => JSON.stringify(value), decode };
    const cache = await open({ serializer });
    const sessions = createSessions({ cache });
    const session = await stored(sessions);
    isBroken = true;
    const told = errorsOf(cache);
    await assertDead(sessions, session.id);
    assert.equal(told.length, 1);
    isBroken = false;
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("metadata that cannot be read count as absent", async ({ cache, sessions }) => {
    const session = await stored(sessions, { name: "Ann", userId: 42 });
    const access = sessionBackendOf(cache);
    const items = ["meta:expiry", "meta:entry", "meta:more"].map((item) => [item, "x"] as const);
    const change = { set: new Map(items), remove: [] };
    const key = access.key(`session:${session.handle}`);
    await access.records.update(key, change, { ttlMs: 60_000 });
    const next = await again(sessions, session);
    assert.equal(next.expiresAtBrowserClose, false);
    await next.set("city", "Rome").save();
    await assertStored(sessions, session, { name: "Ann", userId: 42, city: "Rome" });
    assert.equal((await sessions.list({ userId: 42 })).length, 1);
  }),
];
