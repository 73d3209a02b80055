import assert from "node:assert/strict";
import type { Session, Sessions } from "../../../src/contracts/sessions.ts";
import { again, assertStored, rule, type SessionRule, stored } from "./session-rule.ts";

/** Stores a session, and loads it for two requests. */
async function twoRequests(
  sessions: Sessions,
  fields: Readonly<Record<string, unknown>> = { name: "Ann" },
): Promise<readonly [Session, Session]> {
  const session = await stored(sessions, fields);
  return [await again(sessions, session), await again(sessions, session)];
}

async function saveBoth(one: Session, other: Session): Promise<void> {
  assert.equal(await one.save(), true);
  assert.equal(await other.save(), true);
}

/** Concurrent saves of one session. */
export const mergingRules: readonly SessionRule[] = [
  rule("different fields of two requests both stay", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    one.set("cart", ["fig"]);
    other.set("city", "Rome");
    await saveBoth(one, other);
    await assertStored(sessions, one, { name: "Ann", cart: ["fig"], city: "Rome" });
  }),
  rule("of one field the last writer wins", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    one.set("name", "Bob");
    other.set("name", "Cid");
    await saveBoth(other, one);
    await assertStored(sessions, one, { name: "Bob" });
  }),
  rule("a field that a request only has, it does not write over another's", async (context) => {
    const [one, other] = await twoRequests(context.sessions, { name: "Ann", cart: ["fig"] });
    one.set("city", "Rome");
    assert.deepEqual([one.get("name"), one.get("cart")], ["Ann", ["fig"]]);
    other.set("name", "Bob").set("cart", []);
    await saveBoth(other, one);
    await assertStored(context.sessions, one, { name: "Bob", cart: [], city: "Rome" });
  }),
  rule("changes inside of different values both stay", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions, { a: [1], b: [1] });
    one.get<number[]>("a", []).push(2);
    other.get<number[]>("b", []).push(3);
    await saveBoth(one, other);
    await assertStored(sessions, one, { a: [1, 2], b: [1, 3] });
  }),
  rule("a deletion stays, beside what others write", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions, { name: "Ann", draft: "text" });
    one.delete("draft");
    other.set("city", "Rome");
    await saveBoth(one, other);
    await assertStored(sessions, one, { name: "Ann", city: "Rome" });
  }),
  rule("what another deleted does not come back with the next save", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions, { name: "Ann", draft: ["text"] });
    assert.deepEqual(one.get("draft"), ["text"]);
    other.delete("draft");
    await other.save();
    await one.set("city", "Rome").save();
    await assertStored(sessions, one, { name: "Ann", city: "Rome" });
  }),
  rule("deletions of different fields both stay", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions, { a: 1, b: 2, c: 3 });
    one.delete("a");
    other.delete("b");
    await saveBoth(one, other);
    await assertStored(sessions, one, { c: 3 });
  }),
  rule("a deletion after a write of the same field wins", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    one.set("name", "Bob");
    other.delete("name");
    await saveBoth(one, other);
    await assertStored(sessions, one, {});
  }),
  rule("a write after a deletion of the same field wins", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    one.delete("name");
    other.set("name", "Bob");
    await saveBoth(one, other);
    await assertStored(sessions, one, { name: "Bob" });
  }),
  rule("clear removes what its request knew, not what others wrote meanwhile", async (context) => {
    const [one, other] = await twoRequests(context.sessions, { a: 1, b: 2 });
    one.clear();
    other.set("c", 3);
    await saveBoth(other, one);
    await assertStored(context.sessions, one, { c: 3 });
  }),
  rule("a field both requests begin is the last one's", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    one.set("cart", ["fig"]);
    other.set("cart", ["pear"]);
    await saveBoth(one, other);
    await assertStored(sessions, one, { name: "Ann", cart: ["pear"] });
  }),
  rule("an expiry that one request sets outlasts another's save of fields", async (context) => {
    const [one, other] = await twoRequests(context.sessions);
    one.setExpiry(0);
    other.set("city", "Rome");
    await saveBoth(one, other);
    assert.equal((await again(context.sessions, one)).expiresAtBrowserClose, true);
  }),
  rule("fifty requests at once, each with a field of its own: all stay", async ({ sessions }) => {
    const session = await stored(sessions, { "field 0": "old" });
    const requests = await Promise.all(Array.from({ length: 50 }, () => again(sessions, session)));
    await Promise.all(
      requests.map((request, index) => request.set(`field ${index}`, index).save()),
    );
    const found = await again(sessions, session);
    assert.deepEqual(
      found.entries().toSorted(([, one], [, other]) => Number(one) - Number(other)),
      requests.map((_, index) => [`field ${index}`, index]),
    );
  }),
  rule("a new id and another request's saved field both stay", async ({ sessions }) => {
    const [one, other] = await twoRequests(sessions);
    await other.set("city", "Rome").save();
    one.set("cart", []);
    await one.regenerate();
    await assertStored(sessions, one, { name: "Ann", city: "Rome", cart: [] });
  }),
];
