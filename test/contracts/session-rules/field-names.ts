import assert from "node:assert/strict";
import { again, fieldsOf, rule, type SessionRule, stored } from "./session-rule.ts";

/** Names with a special meaning in JavaScript, the store, URLs or globs. */
const names: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "valueOf",
  "__defineGetter__",
  "then",
  "size",
  "get",
  "id",
  "#born",
  "#moved",
  "data:name",
  "meta:user",
  "meta:expiry",
  "user",
  "entry",
  "*",
  "a[b]?\\",
  " ",
  "0",
  "line\r\nend",
  "\u0000",
  "\ufeffmark",
  "имя",
  "é",
  "e\u0301",
  "😀",
  "n".repeat(1_000),
];

/** Values that pollute prototypes if merged carelessly. */
const poison: readonly string[] = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"a":{"__proto__":{"polluted":true}}}',
  '[{"__proto__":{"polluted":true}}]',
  '{"__proto__":null}',
  '{"toString":"text","hasOwnProperty":1}',
];

function assertUnpolluted(): void {
  assert.equal(Reflect.get({}, "polluted"), undefined);
  assert.equal(Object.keys(Object.prototype).length, 0);
}

/** Fields may have any name. */
export const fieldNameRules: readonly SessionRule[] = [
  ...names.map((name) =>
    rule(`a field may be called ${JSON.stringify(name.slice(0, 20))}`, async ({ sessions }) => {
      const fresh = await sessions.load(undefined);
      assert.deepEqual([fresh.get(name), fresh.has(name)], [undefined, false]);
      assert.deepEqual([fresh.delete(name), fresh.modified], [false, false]);
      const session = await stored(sessions, { other: 1 });
      session.set(name, { deep: name });
      await session.save();
      const next = await again(sessions, session);
      assert.deepEqual(next.get(name), { deep: name });
      assert.deepEqual(next.keys().toSorted(), ["other", name].toSorted());
      assert.deepEqual(next.pop(name), { deep: name });
      await next.save();
      assert.deepEqual((await again(sessions, session)).entries(), [["other", 1]]);
      assertUnpolluted();
    }),
  ),
  rule("fields of all names live side by side", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    const fields = names.map((name, index) => [name, index] as const);
    await session.update(fields).save();
    assert.deepEqual(fieldsOf(await again(sessions, session)), new Map(fields));
  }),
  rule("update takes an object's own field called __proto__", async ({ sessions }) => {
    const session = await sessions.load(undefined);
    session.update(JSON.parse('{"__proto__":{"polluted":true}}') as Record<string, unknown>);
    await session.save();
    const next = await again(sessions, session);
    assert.deepEqual(next.entries(), [["__proto__", { polluted: true }]]);
    assertUnpolluted();
  }),
  ...poison.map((text) =>
    rule(`a value of ${text} comes back as it was, and pollutes nothing`, async ({ sessions }) => {
      const session = await stored(sessions, { value: JSON.parse(text) });
      const next = await again(sessions, session);
      const found = next.get("value");
      assert.equal(JSON.stringify(found), text);
      assert.equal(Reflect.get(Object(found) as object, "polluted"), undefined);
      assert.equal(await next.save(), false);
      assertUnpolluted();
    }),
  ),
  rule("names that look alike are different fields", async ({ sessions }) => {
    const session = await stored(sessions, { é: 1, "e\u0301": 2, É: 3 });
    const next = await again(sessions, session);
    assert.deepEqual(
      ["é", "e\u0301", "É"].map((name) => next.get(name)),
      [1, 2, 3],
    );
  }),
  rule("a hundred fields are kept", async ({ sessions }) => {
    const fields = Array.from({ length: 100 }, (_, index) => [`field ${index}`, [index]] as const);
    const session = await stored(sessions, Object.fromEntries(fields));
    assert.deepEqual(fieldsOf(await again(sessions, session)), new Map(fields));
  }),
  rule("two thousand fields are kept, and cleared", async ({ make }) => {
    const sessions = make({ maxBytes: 1_000_000 });
    const fields = Array.from({ length: 2_000 }, (_, index) => [`field ${index}`, index] as const);
    const session = await stored(sessions, Object.fromEntries(fields));
    const next = await again(sessions, session);
    assert.deepEqual(fieldsOf(next), new Map(fields));
    next.clear();
    await next.save();
    assert.deepEqual((await again(sessions, session)).keys(), []);
  }),
];
