import assert from "node:assert/strict";
import { generated } from "../cache-rules/cache-rule.ts";
import {
  again,
  assertRefused,
  assertStored,
  call,
  fieldsOf,
  rule,
  type SessionRule,
  stored,
} from "./session-rule.ts";

/** Each form in which `update` takes several fields. */
const manyFields: readonly (readonly [
  string,
  () => Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>,
])[] = [
  ["an object", () => ({ a: 1, b: "two" })],
  ["an object without a prototype", () => Object.assign(Object.create(null), { a: 1, b: "two" })],
  ["pairs", () => Object.entries({ a: 1, b: "two" })],
  ["a Map", () => new Map<string, unknown>(Object.entries({ a: 1, b: "two" }))],
  ["a generator", () => generated(Object.entries({ a: 1, b: "two" }))],
];

/** Values that are neither an object of fields nor pairs. */
const noFields: readonly unknown[] = [undefined, null, 5, "text", true, () => ({}), new Date(0)];

/** Invalid names of fields. */
const noNames: readonly unknown[] = [
  "",
  undefined,
  null,
  5,
  {},
  ["name"],
  Symbol("name"),
  "half \ud800",
];

const namingMethods = ["get", "set", "delete", "pop", "setDefault", "has"] as const;

/** What `get`, `set`, `update`, `delete` and the other field methods promise. */
export const dictionaryRules: readonly SessionRule[] = [
  rule("a field that was never written reads as undefined", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    assert.equal(session.get("nobody"), undefined);
    assert.equal(session.has("nobody"), false);
  }),
  rule("a written field can be read at once", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.set("name", "Ann");
    assert.equal(session.get("name"), "Ann");
    assert.equal(session.has("name"), true);
  }),
  rule("get gives its fallback for an absent field, and does not write it", async (context) => {
    const session = await context.sessions.load(undefined);
    const cart = session.get<string[]>("cart", []);
    cart.push("fig");
    assert.deepEqual(cart, ["fig"]);
    assert.equal(session.has("cart"), false);
  }),
  rule("a value that counts as false is a value: no fallback, no default", async (context) => {
    const values = { null: null, zero: 0, no: false, text: "", big: 0n, nan: Number.NaN };
    const session = await again(context.sessions, await stored(context.sessions, values));
    for (const [field, value] of Object.entries(values)) {
      assert.equal(session.get<unknown>(field, "fallback"), value);
      assert.equal(session.setDefault<unknown>(field, "default"), value);
      assert.equal(session.pop<unknown>(field, "fallback"), value);
    }
  }),
  rule("set and update return the session", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    assert.equal(session.set("a", 1).update({ b: 2 }), session);
  }),
  rule("delete tells whether the field existed", async ({ sessions }) => {
    const session = await stored(sessions);
    assert.equal(session.delete("name"), true);
    assert.equal(session.delete("name"), false);
    assert.equal(session.get("name"), undefined);
  }),
  rule("pop removes a field and returns its value", async ({ sessions }) => {
    const session = await stored(sessions);
    assert.equal(session.pop("name"), "Ann");
    assert.equal(session.has("name"), false);
  }),
  rule("pop of an absent field returns undefined, or its fallback", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    assert.equal(session.pop("nobody"), undefined);
    assert.equal(session.pop("nobody", "fallback"), "fallback");
  }),
  rule("setDefault writes an absent field and returns its value", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    const cart = session.setDefault<string[]>("cart", []);
    cart.push("fig");
    await session.save();
    await assertStored(sessions, session, { cart: ["fig"] });
  }),
  rule("setDefault leaves a field that is there", async ({ sessions }) => {
    const session = await stored(sessions);
    assert.equal(session.setDefault("name", "Bob"), "Ann");
    assert.equal(session.get("name"), "Ann");
  }),
  rule("keys and entries tell all fields", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { a: 1, b: [2], c: null }));
    session.delete("a");
    session.set("d", "new");
    assert.deepEqual(session.keys().toSorted(), ["b", "c", "d"]);
    assert.deepEqual(
      fieldsOf(session),
      new Map<string, unknown>([
        ["b", [2]],
        ["c", null],
        ["d", "new"],
      ]),
    );
  }),
  ...manyFields.map(([what, fields]) =>
    rule(`update takes ${what}`, async ({ sessions }) => {
      const session = await stored(sessions, { a: "old", kept: true });
      session.update(fields());
      await session.save();
      await assertStored(sessions, session, { a: 1, b: "two", kept: true });
    }),
  ),
  rule("update takes nothing else", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    for (const fields of noFields) assertRefused(() => call(session, "update", fields));
    assert.equal(session.modified, false);
  }),
  rule("undefined is no value", async ({ sessions }) => {
    const session = await stored(sessions);
    assertRefused(() => session.set("name", undefined));
    assertRefused(() => session.setDefault("other", undefined));
    assertRefused(() => session.update({ name: undefined }));
    assert.deepEqual(session.entries(), [["name", "Ann"]]);
    assert.equal(session.modified, false);
  }),
  ...namingMethods.map((method) =>
    rule(
      `${method} refuses a field whose name is no text, empty or half a character`,
      async (context) => {
        const session = await context.sessions.load(undefined);
        for (const name of noNames) assertRefused(() => call(session, method, name, "value"));
        assert.deepEqual(session.keys(), []);
      },
    ),
  ),
  rule("clear removes all fields, and the session keeps its id", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { a: 1, b: 2 }));
    const { id } = session;
    session.clear();
    assert.deepEqual(session.keys(), []);
    assert.equal(await session.save(), true);
    assert.equal(session.id, id);
    await assertStored(sessions, session, {});
  }),
  rule("a field written after clear is the only one", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { a: 1, b: 2 }));
    session.clear();
    session.set("b", 3);
    await session.save();
    await assertStored(sessions, session, { b: 3 });
  }),
  rule("a test cookie that was set works in the next request", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    assert.equal(session.testCookieWorked(), false);
    session.setTestCookie();
    await session.save();
    const next = await again(sessions, session);
    assert.equal(next.testCookieWorked(), true);
    assert.equal(next.get("testcookie"), "worked");
  }),
  rule("a test cookie that was deleted works no more", async ({ sessions }) => {
    const session = await stored(sessions, { testcookie: "worked", name: "Ann" });
    session.deleteTestCookie();
    assert.equal(session.testCookieWorked(), false);
    await session.save();
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("a test cookie of another value did not work", async ({ sessions }) => {
    const session = await stored(sessions, { testcookie: true });
    assert.equal(session.testCookieWorked(), false);
  }),
];
