import assert from "node:assert/strict";
import type { Session } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { again, assertStored, microtasks, rule, type SessionRule, stored } from "./session-rule.ts";
import { watched } from "./watched-cache.ts";

/** A value, a change inside it, and the result. */
interface Changeable<T> {
  readonly make: () => T;
  readonly change: (value: T) => void;
  readonly changed: T;
}

const list: Changeable<string[]> = {
  make: () => ["fig"],
  change: (value) => value.push("pear"),
  changed: ["fig", "pear"],
};
const emptied: Changeable<string[]> = {
  make: () => ["fig"],
  change: (value) => value.splice(0),
  changed: [],
};
const plain: Changeable<Record<string, unknown>> = {
  make: () => ({ city: "Rome" }),
  change: (value) => Object.assign(value, { zip: 1 }),
  changed: { city: "Rome", zip: 1 },
};
const deep: Changeable<{ a: { b: { c: number[] }[] } }> = {
  make: () => ({ a: { b: [{ c: [1] }] } }),
  change: ({ a }) => a.b[0]?.c.push(2),
  changed: { a: { b: [{ c: [1, 2] }] } },
};
const map: Changeable<Map<string, number>> = {
  make: () => new Map([["fig", 1]]),
  change: (value) => value.set("fig", 2),
  changed: new Map([["fig", 2]]),
};
const collection: Changeable<Set<string>> = {
  make: () => new Set(["fig"]),
  change: (value) => value.add("pear"),
  changed: new Set(["fig", "pear"]),
};
const date: Changeable<Date> = {
  make: () => new Date(1_000),
  change: (value) => value.setTime(2_000),
  changed: new Date(2_000),
};
const bytes: Changeable<Uint8Array> = {
  make: () => new Uint8Array([1, 2]),
  change: (value) => value.fill(3),
  changed: new Uint8Array([3, 3]),
};

/** Erases the type; sound because `change` only ever gets the value of its own `make`. */
function any<T>(changeable: Changeable<T>): Changeable<unknown> {
  return changeable as Changeable<unknown>;
}

const changeables: readonly (readonly [string, Changeable<unknown>])[] = [
  ["a list", any(list)], // see `any`
  ["a list that is emptied", any(emptied)],
  ["an object", any(plain)],
  ["lists within objects", any(deep)],
  ["a Map", any(map)],
  ["a Set", any(collection)],
  ["a Date", any(date)],
  ["bytes", any(bytes)],
];

/** Each way to get the value of `field`. */
const ways: readonly (readonly [string, (session: Session) => unknown])[] = [
  ["get", (session) => session.get("field")],
  ["setDefault", (session) => session.setDefault<unknown>("field", "default")],
  ["entries", (session) => session.entries().find(([name]) => name === "field")?.[1]],
];

/** Changes inside values. */
export const nestedChangeRules: readonly SessionRule[] = [
  ...changeables.flatMap(([what, { make, change, changed }]) => [
    rule(`a change inside of ${what} is stored`, async ({ sessions }) => {
      const session = await again(sessions, await stored(sessions, { field: make() }));
      change(session.get("field"));
      assert.equal(await session.save(), true);
      await assertStored(sessions, session, { field: changed });
    }),
    rule(`a change inside of ${what} that was given to set before is stored`, async (context) => {
      const { sessions } = context;
      const value = make();
      const session = await stored(sessions, { field: value });
      change(value);
      assert.equal(await session.save(), true);
      await assertStored(sessions, session, { field: changed });
    }),
    rule(`merely reading ${what} writes nothing`, async ({ cache, sessions }) => {
      const session = await stored(sessions, { field: make() });
      const { cache: lent, calls } = watched(cache);
      const next = await again(createSessions({ cache: lent }), session);
      for (const [, read] of ways) assert.deepEqual(read(next), make());
      assert.equal(await next.save(), false);
      assert.deepEqual(calls, ["load"]);
    }),
  ]),
  ...ways.map(([way, read]) =>
    rule(`a change inside of a value that ${way} gave is stored`, async ({ sessions }) => {
      const session = await again(sessions, await stored(sessions, { field: list.make() }));
      list.change(read(session) as string[]); // the type of `list.make()`
      await session.save();
      await assertStored(sessions, session, { field: list.changed });
    }),
  ),
  rule("a change inside of a value that update took is stored", async ({ sessions }) => {
    const session = await stored(sessions);
    const cart = list.make();
    await session.update({ cart }).save();
    list.change(cart);
    await session.save();
    await assertStored(sessions, session, { name: "Ann", cart: list.changed });
  }),
  rule("a change inside of a value is stored once", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { field: list.make() }));
    list.change(session.get("field", []));
    assert.deepEqual([await session.save(), await session.save()], [true, false]);
  }),
  rule("a change inside of a value after a save is stored by the next one", async (context) => {
    const { sessions } = context;
    const session = await again(sessions, await stored(sessions, { field: [0] }));
    const field = session.get<number[]>("field", []);
    for (const item of [1, 2, 3]) {
      field.push(item);
      assert.equal(await session.save(), true);
    }
    await assertStored(sessions, session, { field: [0, 1, 2, 3] });
  }),
  rule("a change inside of a value after a new id is stored by the next save", async (context) => {
    const { sessions } = context;
    const session = await again(sessions, await stored(sessions, { field: ["fig"] }));
    const field = session.get<string[]>("field", []);
    await session.regenerate();
    field.push("pear");
    assert.equal(await session.save(), true);
    await assertStored(sessions, session, { field: ["fig", "pear"] });
  }),
  rule("regenerate stores a change inside of a value", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { field: ["fig"] }));
    session.get<string[]>("field", []).push("pear");
    await session.regenerate();
    await assertStored(sessions, session, { field: ["fig", "pear"] });
  }),
  rule("a change inside of a value that was undone writes nothing", async ({ sessions }) => {
    const session = await again(sessions, await stored(sessions, { field: ["fig"] }));
    const field = session.get<string[]>("field", []);
    field.push("pear");
    field.pop();
    assert.equal(await session.save(), false);
  }),
  rule("a change inside of a value while a save is under way is not lost", async (context) => {
    const { sessions } = context;
    const session = await stored(sessions, { field: [] });
    const field = session.get<number[]>("field", []);
    const expected: number[] = [];
    for (let turns = 0; turns < 12; turns++) {
      session.set("turns", turns);
      const saving = session.save();
      await microtasks(turns);
      field.push(turns);
      expected.push(turns);
      await saving;
      await session.save();
      await assertStored(sessions, session, { field: expected, turns });
    }
  }),
  rule(
    "a change inside of a value that cannot be stored is an error, not lost",
    async (context) => {
      const { sessions } = context;
      const session = await again(sessions, await stored(sessions, { field: ["fig"] }));
      const field = session.get<unknown[]>("field", []);
      field.push(() => undefined);
      await assert.rejects(session.save(), { code: "ENCODE" });
      await assertStored(sessions, session, { field: ["fig"] });
      field[1] = "pear";
      assert.equal(await session.save(), true);
      await assertStored(sessions, session, { field: ["fig", "pear"] });
    },
  ),
];
