import assert from "node:assert/strict";
import { escapeGlob } from "../../../src/kit/glob.ts";
import { rule, type StoreRule, scanned, times, writeAll } from "./store-rule.ts";

const words: readonly string[] = ["bar", "baz", "bat", "b", "foo", "b*r", "b[a]r", "b\\r", "bér"];

/** Each pattern with the words it matches. */
const patterns: readonly (readonly [string, readonly string[]])[] = [
  ["*", words],
  ["bar", ["bar"]],
  ["ba?", ["bar", "bat", "baz"]],
  ["b?r", ["b*r", "bar", "b\\r"]],
  ["b??r", ["bér"]],
  ["b*", words.filter((word) => word !== "foo")],
  ["*o", ["foo"]],
  ["ba[rz]", ["bar", "baz"]],
  ["ba[^rz]", ["bat"]],
  ["ba[r-t]", ["bar", "bat"]],
  ["ba[t-r]", ["bar", "bat"]],
  ["ba[rz", ["bar", "baz"]],
  ["b\\*r", ["b*r"]],
  ["b\\[a\\]r", ["b[a]r"]],
  ["b\\\\r", ["b\\r"]],
  ["b\\", []],
  ["b[]r", []],
  ["", []],
  ["nobody*", []],
];

const hostileKeys: readonly string[] = [
  "*",
  "a*b",
  "a?b",
  "[",
  "[abc]",
  "[^a]",
  "[a-c",
  "]",
  "\\",
  "a\\",
  "\\*",
  "^-",
  "ключ*",
  "tab\tand\nline",
  "zero\u0000byte",
];

/** Keys that the hostile keys would match if the cache read them as patterns. */
const innocentKeys: readonly string[] = ["a", "b", "axb", "-", "^", "abc", "a\\\\", "ключик"];

/** What scans promise. */
export const scanningRules: readonly StoreRule[] = [
  ...patterns.map(([pattern, matching]) =>
    rule(`a scan for ${JSON.stringify(pattern)} sees what matches`, async (store) => {
      await writeAll(store, words);
      assert.deepEqual(await scanned(store, pattern), [...matching].toSorted());
    }),
  ),
  ...hostileKeys.map((key) =>
    rule(`the escaped key ${JSON.stringify(key)} finds itself alone`, async (store) => {
      await writeAll(store, [...hostileKeys, ...innocentKeys]);
      assert.deepEqual(await scanned(store, escapeGlob(key)), [key]);
    }),
  ),
  rule("a scan of an empty store sees nothing", async (store) => {
    assert.deepEqual(await scanned(store, "*"), []);
  }),
  ...[1, 7, 10_000].map((count) =>
    rule(`a scan of a thousand keys by ${count} sees every key`, async (store) => {
      const keys = times(1_000, (index) => `key ${index}`);
      await writeAll(store, keys);
      assert.deepEqual(await scanned(store, "*", count), keys.toSorted());
    }),
  ),
  rule("a key that lives through the whole walk is seen", async (store) => {
    const lasting = times(200, (index) => `lasting ${index}`);
    const leaving = times(200, (index) => `leaving ${index}`);
    await writeAll(store, [...lasting, ...leaving]);
    const seen = new Set<string>();
    for await (const batch of store.scan("*", { count: 10 })) {
      for (const key of batch) seen.add(key);
      await store.delete(leaving.splice(0, 20));
      await store.set(`new ${seen.size}`, "x", { lifetime: "forever" });
    }
    assert.deepEqual(
      lasting.filter((key) => !seen.has(key)),
      [],
    );
  }),
  rule("a scan may be left early", async (store) => {
    const keys = times(200, (index) => `key ${index}`);
    await writeAll(store, keys);
    for await (const batch of store.scan("*", { count: 10 })) {
      if (batch.length > 0) break;
    }
    assert.deepEqual(await scanned(store, "*"), keys.toSorted());
  }),
  rule("two scans at once do not disturb each other", async (store) => {
    const keys = times(300, (index) => `key ${index}`);
    await writeAll(store, keys);
    const [one, other] = await Promise.all([scanned(store, "*", 10), scanned(store, "key 1*", 7)]);
    assert.deepEqual(one, keys.toSorted());
    assert.deepEqual(other, keys.filter((key) => key.startsWith("key 1")).toSorted());
  }),
];
