import assert from "node:assert/strict";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import {
  assertHolds,
  assertSame,
  brief,
  justWritten,
  momentMs,
  rule,
  ruleWith,
  type StoreRule,
  times,
  toBytes,
  writeMany,
} from "./store-rule.ts";

const values: readonly (readonly [string, Encoded])[] = [
  ["text", "hello"],
  ["empty text", ""],
  ["text beyond ASCII", "žluťoučký 😀 \u0000 line\r\nend"],
  ["text that looks like a number", "007"],
  ["a decimal integer", "-42"],
  ["bytes", Uint8Array.of(1, 2, 3)],
  ["no bytes at all", new Uint8Array()],
  ["bytes of every value", Uint8Array.from(times(256, (value) => value))],
  ["bytes that are no UTF-8", Uint8Array.of(0xc3, 0x28, 0xff, 0xed, 0xa0, 0x80)],
  ["a part of a larger buffer", Uint8Array.of(9, 1, 2, 9).subarray(1, 3)],
  ["a megabyte of bytes", new Uint8Array(1_048_576).fill(0xab)],
];

const keys: readonly (readonly [string, string])[] = [
  ["beyond ASCII", "ключ 😀 é"],
  ["with spaces and line ends", " a b\r\nc\t"],
  ["with a zero byte", "a\u0000b"],
  ["of glob characters", "*?[a-z]\\"],
  ["of braces", "{a}b{}"],
  ["named like a property of objects", "__proto__"],
  ["of ten thousand letters", "k".repeat(10_000)],
];

/** Pairs of keys that case folding, Unicode normalisation or trimming would merge. */
const pairs: readonly (readonly [string, string, string])[] = [
  ["case", "Key", "key"],
  ["the composition of letters", "\u00e9", "e\u0301"],
  ["a space at the end", "key", "key "],
  ["a zero byte at the end", "key", "key\u0000"],
];

/** What reads promise. */
export const readingRules: readonly StoreRule[] = [
  rule("its name is a short text", async (store) => {
    assert.match(store.name, /^[a-z][a-z0-9-]{0,30}$/);
  }),
  rule("ping resolves", async (store) => {
    await store.ping();
  }),
  rule("an absent key reads as undefined", async (store) => {
    assert.equal(await store.get("nobody"), undefined);
  }),
  ...values.map(([what, value]) =>
    rule(`${what} comes back as written`, async (store) => {
      await store.set("key", value, justWritten);
      await assertHolds(store, "key", value);
    }),
  ),
  rule("getMany gives back text and bytes as written", async (store) => {
    await writeMany(
      store,
      values.map(([what, value]) => [what, value]),
      justWritten,
    );
    const read = await store.getMany(values.map(([what]) => what));
    assert.deepEqual(
      read.map(toBytes),
      values.map(([, value]) => toBytes(value)),
    );
  }),
  ...keys.map(([what, key]) =>
    rule(`a key ${what} is a key like others`, async (store) => {
      await store.set(key, "here", justWritten);
      assert.equal(await store.has(key), true);
      assertSame((await store.getMany([key]))[0], "here");
      assert.equal((await store.delete([key])).deleted, 1);
    }),
  ),
  ...pairs.map(([what, one, other]) =>
    rule(`keys are told apart by ${what}`, async (store) => {
      await store.set(one, "1", justWritten);
      await store.set(other, "2", justWritten);
      const read = await store.getMany([one, other]);
      assert.deepEqual(read.map(toBytes), [toBytes("1"), toBytes("2")]);
    }),
  ),
  rule("what the writer does to its bytes later changes nothing", async (store) => {
    const bytes = Uint8Array.of(1, 2, 3);
    await store.set("key", bytes, justWritten);
    bytes.fill(0);
    await assertHolds(store, "key", Uint8Array.of(1, 2, 3));
  }),
  rule("what the writer does to its Buffer later changes nothing", async (store) => {
    const bytes = Buffer.from([1, 2, 3]);
    await writeMany(store, [["key", bytes]], justWritten);
    bytes.fill(0);
    await assertHolds(store, "key", Uint8Array.of(1, 2, 3));
  }),
  rule("what a reader does to its bytes changes nothing", async (store) => {
    await store.set("key", Uint8Array.of(1, 2, 3), justWritten);
    for (const read of [await store.get("key"), ...(await store.getMany(["key"]))]) {
      if (read instanceof Uint8Array) read.fill(0);
    }
    await assertHolds(store, "key", Uint8Array.of(1, 2, 3));
  }),
  rule("getMany answers in the order asked", async (store) => {
    await writeMany(
      store,
      [
        ["a", "1"],
        ["b", "2"],
      ],
      justWritten,
    );
    const read = await store.getMany(["b", "a"]);
    assert.deepEqual(read.map(toBytes), [toBytes("2"), toBytes("1")]);
  }),
  rule("getMany answers undefined in the place of an absent key", async (store) => {
    await store.set("b", "2", justWritten);
    const read = await store.getMany(["a", "b", "c"]);
    assert.deepEqual(read.map(toBytes), [undefined, toBytes("2"), undefined]);
  }),
  rule("getMany answers a key as often as it is asked", async (store) => {
    await store.set("a", "1", justWritten);
    const read = await store.getMany(["a", "a"]);
    assert.deepEqual(read.map(toBytes), [toBytes("1"), toBytes("1")]);
  }),
  rule("getMany of no keys is empty", async (store) => {
    assert.deepEqual(await store.getMany([]), []);
  }),
  rule("getMany reads a thousand keys", async (store) => {
    const entries = times(1_000, (index) => [`key ${index}`, `value ${index}`] as const);
    await writeMany(store, entries, justWritten);
    const read = await store.getMany(entries.map(([key]) => key));
    assert.deepEqual(
      read.map(toBytes),
      entries.map(([, value]) => toBytes(value)),
    );
  }),
  rule("has is true for a key with an empty value", async (store) => {
    await store.set("empty", "", justWritten);
    assert.equal(await store.has("empty"), true);
  }),
  rule("has is false for an absent key", async (store) => {
    assert.equal(await store.has("nobody"), false);
  }),
  ruleWith("reading does not prolong a life", async ({ store, subject }) => {
    await store.set("key", "x", { lifetime: { ttlMs: 80 } });
    await subject.pass(50);
    await Promise.all([store.get("key"), store.getMany(["key"]), store.has("key")]);
    await subject.pass(50);
    await assertHolds(store, "key", undefined);
  }),
  rule("take answers what lived there", async (store) => {
    await store.set("key", Uint8Array.of(0, 255), justWritten);
    assertSame(await store.take("key"), Uint8Array.of(0, 255));
  }),
  rule("take leaves nothing", async (store) => {
    await store.set("key", "x", justWritten);
    await store.take("key");
    assert.equal(await store.has("key"), false);
  }),
  rule("take of an absent key is undefined", async (store) => {
    assert.equal(await store.take("nobody"), undefined);
  }),
  rule("of a hundred takes at once exactly one gets the value", async (store) => {
    await store.set("key", "x", justWritten);
    const taken = await Promise.all(times(100, () => store.take("key")));
    assert.equal(taken.filter((value) => value !== undefined).length, 1);
  }),
  ruleWith("an expired key is not taken", async ({ store, subject }) => {
    await store.set("key", "x", { lifetime: brief });
    await subject.pass(momentMs);
    assert.equal(await store.take("key"), undefined);
  }),
];
