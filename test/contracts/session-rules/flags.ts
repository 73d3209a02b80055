import assert from "node:assert/strict";
import { EncodeError } from "../../../src/contracts/errors.ts";
import type { Session } from "../../../src/contracts/sessions.ts";
import { again, rule, type SessionRule, stored } from "./session-rule.ts";

type Act = (session: Session) => unknown;

/** Calls that only read a session whose one field is `name`. */
const reads: readonly (readonly [string, Act])[] = [
  ["get", (session) => session.get("name")],
  ["get of an absent field", (session) => session.get("nobody", "fallback")],
  ["has", (session) => session.has("nobody")],
  ["keys", (session) => session.keys()],
  ["entries", (session) => session.entries()],
  ["pop of an absent field", (session) => session.pop("nobody", "fallback")],
  ["delete of an absent field", (session) => session.delete("nobody")],
  ["setDefault of a field that is there", (session) => session.setDefault("name", "Bob")],
  ["testCookieWorked", (session) => session.testCookieWorked()],
  ["deleteTestCookie where there is none", (session) => session.deleteTestCookie()],
];

/** Calls that modify a session whose one field is `name`. */
const writes: readonly (readonly [string, Act])[] = [
  ["set", (session) => session.set("name", "Bob")],
  ["set of an equal value", (session) => session.set("name", "Ann")],
  ["update", (session) => session.update({ city: "Rome" })],
  ["delete", (session) => session.delete("name")],
  ["pop", (session) => session.pop("name")],
  ["setDefault of an absent field", (session) => session.setDefault("city", "Rome")],
  ["clear", (session) => session.clear()],
  ["setTestCookie", (session) => session.setTestCookie()],
];

type Flag = "isNew" | "isEmpty" | "modified" | "accessed" | "detached";

function flagsOf(session: Session): readonly Flag[] {
  const flags = ["isNew", "isEmpty", "modified", "accessed", "detached"] as const;
  return flags.filter((flag) => session[flag]);
}

/** What the flags of a session promise. */
export const flagRules: readonly SessionRule[] = [
  rule("a session that begins is new and empty, and nothing happened to it", async (context) => {
    const session = await context.sessions.load(undefined);
    assert.deepEqual(flagsOf(session), ["isNew", "isEmpty"]);
    assert.deepEqual([session.id, session.handle], [undefined, undefined]);
  }),
  rule("a loaded session is neither new nor empty, and nothing happened to it", async (context) => {
    const session = await again(context.sessions, await stored(context.sessions));
    assert.deepEqual(flagsOf(session), []);
  }),
  rule("looking at flags, id and expiry is no access", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    assert.ok([session.id, session.handle, session.expiryAge, session.expiryDate].every(Boolean));
    assert.equal(session.expiresAtBrowserClose, false);
    assert.deepEqual(flagsOf(session), []);
  }),
  ...reads.map(([what, read]) =>
    rule(`${what} is an access and no modification`, async ({ sessions }) => {
      const session = await again(sessions, await stored(sessions));
      read(session);
      assert.deepEqual(flagsOf(session), ["accessed"]);
      assert.equal(await session.save(), false);
    }),
  ),
  ...writes.map(([what, write]) =>
    rule(`${what} is a modification, until it is saved`, async ({ sessions }) => {
      const session = await again(sessions, await stored(sessions));
      write(session);
      assert.deepEqual(flagsOf(session), ["modified", "accessed"]);
      assert.equal(await session.save(), true);
      assert.deepEqual(flagsOf(session), ["accessed"]);
    }),
  ),
  rule("setExpiry is a modification, until it is saved", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    session.setExpiry("1h");
    assert.equal(session.modified, true);
    assert.equal(await session.save(), true);
    assert.equal(session.modified, false);
  }),
  rule("clear of a session without fields modifies nothing", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.clear();
    assert.deepEqual(flagsOf(session), ["isNew", "isEmpty", "accessed"]);
  }),
  rule("a change inside of a value does not show in modified", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { cart: [] }));
    session.get<string[]>("cart", []).push("fig");
    assert.equal(session.modified, false);
  }),
  rule("a session with a field is not empty, and new until its first save", async (context) => {
    const session = await context.sessions.load(undefined);
    session.set("name", "Ann");
    assert.deepEqual(flagsOf(session), ["isNew", "modified", "accessed"]);
    await session.save();
    assert.deepEqual(flagsOf(session), ["accessed"]);
  }),
  rule("a new session that lost its last field is empty again", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann").delete("name");
    assert.equal(session.isEmpty, true);
    assert.equal(await session.save(), false);
    assert.equal(session.id, undefined);
  }),
  rule("a stored session without fields is not empty", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    session.clear();
    assert.equal(session.isEmpty, false);
    await session.save();
    const next = await again(sessions, session);
    assert.deepEqual(flagsOf(next), []);
  }),
  rule("a session whose save failed is still modified", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    session.set("call", () => undefined);
    await assert.rejects(session.save(), EncodeError);
    assert.equal(session.modified, true);
  }),
  rule("a destroyed session is new and empty again", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions));
    session.set("city", "Rome");
    await session.destroy();
    assert.deepEqual(flagsOf(session), ["isNew", "isEmpty", "accessed"]);
    assert.deepEqual([session.id, session.handle], [undefined, undefined]);
  }),
];
