import assert from "node:assert/strict";
import { EncodeError, ValueTooLargeError } from "../../../src/contracts/errors.ts";
import type { Session } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { again, assertStored, noise, rule, type SessionRule, stored } from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

class Point {
  readonly x = 1;
}

function cycle(): unknown {
  const ring: unknown[] = [];
  ring.push(ring);
  return ring;
}

/** Values that cannot be stored. */
const unstorable: readonly (readonly [string, () => unknown])[] = [
  ["a function", () => () => undefined],
  ["a function within an object", () => ({ deep: [() => undefined] })],
  ["a symbol", () => Symbol("x")],
  ["an instance of a class", () => new Point()],
  ["a cycle", cycle],
];

async function assertTooLarge(session: Session, maxBytes: number): Promise<void> {
  await assert.rejects(session.save(), (error) => {
    assert.ok(error instanceof ValueTooLargeError);
    assert.equal(error.maxBytes, maxBytes);
    assert.ok(error.sizeBytes !== undefined && error.sizeBytes > maxBytes);
    assert.match(error.message, /maxBytes/);
    return true;
  });
}

/** Sessions that cannot be stored: too large, or with values that cannot be encoded. */
export const limitRules: readonly SessionRule[] = [
  rule("a session larger than maxBytes is refused, and nothing is written", async ({ cache }) => {
    const { cache: lent, calls } = watched(cache);
    const session = await createSessions({ cache: lent, maxBytes: 100 }).load(undefined);
    session.set("userId", 42).set("big", noise(101));
    await assertTooLarge(session, 100);
    assert.deepEqual([session.id, calls], [undefined, []]);
  }),
  rule("a stored session that grew past maxBytes stays as it was", async ({ make }) => {
    const sessions = make({ maxBytes: 100 });
    const session = await again(sessions, await stored(sessions, { list: ["fig"] }));
    session.get<unknown[]>("list", []).push(noise(100));
    await assertTooLarge(session, 100);
    await assertStored(sessions, session, { list: ["fig"] });
  }),
  rule("all fields count, new and old, and their names", async ({ make }) => {
    const sessions = make({ maxBytes: 100 });
    const session = await again(sessions, await stored(sessions, { a: noise(60) }));
    await assertTooLarge(session.set("b", noise(60)), 100);
    session.delete("b");
    await assertTooLarge(session.set("n".repeat(60), 1), 100);
  }),
  rule("a session that is made smaller again is stored", async ({ make }) => {
    const sessions = make({ maxBytes: 100 });
    const session = await sessions.load(undefined);
    session.set("name", "Ann").set("big", noise(101));
    await assertTooLarge(session, 100);
    session.delete("big");
    assert.equal(await session.save(), true);
    await assertStored(sessions, session, { name: "Ann" });
  }),
  rule("a deletion makes room for what is written with it", async ({ make }) => {
    const sessions = make({ maxBytes: 100 });
    const [a, b] = [noise(80), noise(80)];
    const session = await stored(sessions, { a });
    session.set("b", b).delete("a");
    assert.equal(await session.save(), true);
    await assertStored(sessions, session, { b });
  }),
  rule("maxBytes counts bytes, not characters", async ({ make }) => {
    const session = await make({ maxBytes: 1_000 }).load(undefined);
    const letters = Array.from(noise(800), (byte, at) => (at * 25 + byte) % 20_000);
    const text = String.fromCodePoint(...letters.map((letter) => 0x4e_00 + letter));
    assert.ok(text.length < 1_000);
    await assertTooLarge(session.set("a", text), 1_000);
  }),
  rule(
    "a session of 60 KiB is stored, one of 70 KiB is not, unless told otherwise",
    async (context) => {
      const session = await context.sessions.load(undefined);
      session.set("big", noise(60 * 1_024));
      assert.equal(await session.save(), true);
      session.set("big", noise(70 * 1_024));
      await assertTooLarge(session, 65_536);
      const larger = context.make({ maxBytes: 100_000 });
      await stored(larger, { big: noise(70 * 1_024) });
    },
  ),
  ...unstorable.flatMap(([what, make]) => [
    rule(`${what} is an error of save, and nothing is written`, async ({ cache }) => {
      const { cache: lent, calls } = watched(cache);
      const session = await createSessions({ cache: lent }).load(undefined);
      session.set("userId", 42).set("bad", make());
      await assert.rejects(session.save(), EncodeError);
      assert.deepEqual([session.id, calls], [undefined, []]);
    }),
    rule(`a session with ${what} can be repaired, and loses nothing`, async ({ sessions }) => {
      const session = await again(sessions, await stored(sessions, { name: "Ann", old: 1 }));
      session.set("city", "Rome").set("bad", make()).delete("old");
      await assert.rejects(session.save(), EncodeError);
      await assertStored(sessions, session, { name: "Ann", old: 1 });
      session.delete("bad");
      assert.equal(await session.save(), true);
      await assertStored(sessions, session, { name: "Ann", city: "Rome" });
    }),
  ]),
];
