import assert from "node:assert/strict";
import type { RecordStore } from "../../../src/contracts/records.ts";
import { momentMs, times } from "../store-rules/store-rule.ts";
import { brief, forAMinute, moving, type RecordRule, rule, someFields } from "./record-rule.ts";

/** Prefixes that would match other keys if the store read them as patterns. */
const hostilePrefixes: readonly string[] = [
  "a*",
  "a?",
  "[",
  "[ab]",
  "[^a]",
  "[a-c",
  "]",
  "\\",
  "\\*",
  "a\\",
  "^-",
  "*",
  "?",
  "ключ*",
  "line\r\n*",
  "zero\u0000?",
  "{x}*",
];

/** Keys that the hostile prefixes would match. */
const innocentPrefixes: readonly string[] = ["a", "b", "ab", "axb", "^", "-", "abc", "ключик"];

const manyKeys = times(500, (index) => `key ${index}`);

/** What `keys` promises. */
export const walkingRules: readonly RecordRule[] = [
  rule("a walk sees the keys that begin with its prefix", async ({ records }) => {
    await createAll(records, ["user:1", "user:2", "user", "use", "other:user:1", "User:1"]);
    assert.deepEqual(await walked(records, "user:"), ["user:1", "user:2"]);
  }),
  rule("a walk sees the key that is its prefix", async ({ records }) => {
    await createAll(records, ["user", "user:1"]);
    assert.deepEqual(await walked(records, "user"), ["user", "user:1"]);
  }),
  ...hostilePrefixes.map((prefix) =>
    rule(`a walk along ${JSON.stringify(prefix)} sees its own keys alone`, async ({ records }) => {
      const prefixes = [...hostilePrefixes, ...innocentPrefixes];
      const keys = prefixes.flatMap((each) => [`${each}/1`, `${each}/2`]);
      await createAll(records, keys);
      const own = keys.filter((key) => key.startsWith(prefix));
      assert.deepEqual(await walked(records, prefix), own.toSorted());
    }),
  ),
  rule("a walk along the empty prefix sees every key", async ({ records }) => {
    await createAll(records, ["a", "b:1", "é*"]);
    assert.deepEqual(await walked(records, ""), ["a", "b:1", "é*"].toSorted());
  }),
  rule("a walk where nothing lives sees nothing", async ({ records }) => {
    assert.deepEqual(await walked(records, ""), []);
  }),
  rule("a walk along a prefix that nobody has sees nothing", async ({ records }) => {
    await createAll(records, ["a", "b"]);
    assert.deepEqual(await walked(records, "nobody"), []);
  }),
  rule("a walk sees a record without fields", async ({ records }) => {
    await records.create("key", new Map(), forAMinute);
    assert.deepEqual(await walked(records, "k"), ["key"]);
  }),
  rule("a walk does not see what was destroyed", async ({ records }) => {
    await createAll(records, ["a", "b"]);
    await records.destroy("a");
    assert.deepEqual(await walked(records, ""), ["b"]);
  }),
  rule("a walk does not see what has expired", async ({ records, subject }) => {
    await createAll(records, ["living"]);
    await records.create("dead", someFields, brief);
    await subject.pass(momentMs);
    assert.deepEqual(await walked(records, ""), ["living"]);
  }),
  rule("a walk sees a moved record where it lives", async ({ records }) => {
    await createAll(records, ["from"]);
    await records.move(moving("from", "to"));
    assert.deepEqual(await walked(records, "to"), ["to"]);
  }),
  ...[1, 7, 10_000].map((count) =>
    rule(`a walk by ${count} sees each of 500 keys`, async ({ records }) => {
      await createAll(records, manyKeys);
      assert.deepEqual(await walked(records, "key ", count), manyKeys.toSorted());
    }),
  ),
  rule("a key that lives through the whole walk is seen", async ({ records }) => {
    const lasting = times(200, (index) => `lasting ${index}`);
    const leaving = times(200, (index) => `leaving ${index}`);
    await createAll(records, [...lasting, ...leaving]);
    const seen = new Set<string>();
    for await (const batch of records.keys("lasting", { count: 10 })) {
      for (const key of batch) seen.add(key);
      await Promise.all(leaving.splice(0, 20).map((key) => records.destroy(key)));
      await records.put(`new ${seen.size}`, someFields, forAMinute);
    }
    assert.deepEqual([...seen].toSorted(), lasting.toSorted());
  }),
  rule("a walk may be left early", async ({ records }) => {
    await createAll(records, manyKeys);
    for await (const batch of records.keys("key", { count: 10 })) {
      if (batch.length > 0) break;
    }
    assert.deepEqual(await walked(records, "key"), manyKeys.toSorted());
  }),
  rule("two walks at once do not disturb each other", async ({ records }) => {
    await createAll(records, manyKeys);
    const [all, some] = await Promise.all([
      walked(records, "key ", 10),
      walked(records, "key 1", 7),
    ]);
    assert.deepEqual(all, manyKeys.toSorted());
    assert.deepEqual(some, manyKeys.filter((key) => key.startsWith("key 1")).toSorted());
  }),
  rule("a walk does not prolong a life", async ({ records, subject }) => {
    await records.create("key", someFields, brief);
    await walked(records, "");
    await subject.pass(momentMs);
    assert.equal(await records.load("key"), undefined);
  }),
];

/** Returns the distinct keys that a walk yields, sorted. */
async function walked(records: RecordStore, prefix: string, count = 100): Promise<string[]> {
  const keys = new Set<string>();
  for await (const batch of records.keys(prefix, { count })) {
    for (const key of batch) keys.add(key);
  }
  return [...keys].toSorted();
}

async function createAll(records: RecordStore, keys: readonly string[]): Promise<void> {
  await Promise.all(keys.map((key) => records.create(key, someFields, forAMinute)));
}
