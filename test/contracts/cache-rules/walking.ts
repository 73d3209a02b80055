import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { escapeGlob } from "../../../src/kit/glob.ts";
import { brief, type CacheRule, momentMs, rule, sortedKeys, times } from "./cache-rule.ts";

const words: readonly string[] = ["bar", "baz", "bat", "b", "foo", "b*r", "b[a]r", "b\\r", "1:bar"];

/** Each pattern with the words it matches. */
const patterns: readonly (readonly [string, readonly string[]])[] = [
  ["*", words],
  ["bar", ["bar"]],
  ["ba?", ["bar", "bat", "baz"]],
  ["b?r", ["b*r", "b\\r", "bar"]],
  ["ba[rz]", ["bar", "baz"]],
  ["ba[^rz]", ["bat"]],
  ["ba[r-t]", ["bar", "bat"]],
  ["b\\*r", ["b*r"]],
  ["b\\[a\\]r", ["b[a]r"]],
  ["b\\\\r", ["b\\r"]],
  ["*bar", ["1:bar", "bar"]],
  ["?:*", ["1:bar"]],
  ["nobody*", []],
];

/** Keys that contain glob characters, layout separators or other special text. */
export const hostileTexts: readonly string[] = [
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
  ":",
  "a:",
  ":a",
  "1:a",
  "-1:a",
  "a:1",
  "a:1:b",
  "#lock:1:a",
  "$&",
  "{a}",
  "ключ*",
  "é",
  "😀",
  " ",
  "tab\tand\r\nline",
  "zero\u0000byte",
  "__proto__",
  "constructor",
];

/** Keys that the hostile keys would match if the cache read them as patterns. */
const innocentKeys: readonly string[] = ["a", "b", "axb", "-", "^", "abc", "a\\\\", "ключик"];

/** What `keys`, `iterKeys`, `deletePattern` and `clear` promise. */
export const walkingRules: readonly CacheRule[] = [
  ...patterns.map(([pattern, matching]) =>
    rule(`the pattern ${JSON.stringify(pattern)} finds what matches`, async ({ cache }) => {
      await plant(cache, words);
      assert.deepEqual(await sortedKeys(cache, pattern), matching.toSorted());
      assert.deepEqual((await collected(cache, pattern)).toSorted(), matching.toSorted());
      assert.equal(await cache.deletePattern(pattern), matching.length);
      const left = words.filter((word) => !matching.includes(word));
      assert.deepEqual(await sortedKeys(cache), left.toSorted());
    }),
  ),
  rule("hostile keys are told as they are", async ({ cache }) => {
    await plant(cache, hostileTexts);
    assert.deepEqual(await sortedKeys(cache), hostileTexts.toSorted());
    assert.deepEqual([...(await cache.getMany(hostileTexts)).keys()], hostileTexts);
    assert.equal(await cache.deleteMany(hostileTexts), hostileTexts.length);
  }),
  rule("an escaped hostile key finds and removes itself alone", async ({ cache }) => {
    const all = [...hostileTexts, ...innocentKeys];
    await plant(cache, all);
    for (const key of hostileTexts) assert.deepEqual(await cache.keys(escapeGlob(key)), [key]);
    for (const key of hostileTexts) assert.equal(await cache.deletePattern(escapeGlob(key)), 1);
    assert.deepEqual(await sortedKeys(cache), innocentKeys.toSorted());
  }),
  rule("under a hostile prefix patterns, versions and clear work alike", async ({ open }) => {
    for (const keyPrefix of hostileTexts) {
      const cache = await open({ keyPrefix });
      await plant(cache, ["bar", "baz", "*"]);
      await cache.set("second", 1, { version: 2 });
      assert.deepEqual(await sortedKeys(cache, "ba?"), ["bar", "baz"]);
      assert.deepEqual(await cache.keys("*", { version: 2 }), ["second"]);
      assert.equal(await cache.deletePattern("\\*"), 1);
      assert.equal(await cache.clear(), 3);
    }
  }),
  rule("keys tells one version only", async ({ cache }) => {
    await cache.set("first", 1);
    await cache.set("second", 1, { version: 2 });
    await cache.set("eleventh", 1, { version: 11 });
    assert.deepEqual(await cache.keys("*"), ["first"]);
    assert.deepEqual(await cache.withVersion(2).keys("*"), ["second"]);
  }),
  rule("an expired key is told no more", async ({ cache, pass }) => {
    await cache.set("brief", 1, { ttl: brief });
    await cache.set("lasting", 1);
    await pass(momentMs);
    assert.deepEqual(await cache.keys("*"), ["lasting"]);
    assert.equal(await cache.clear(), 1);
  }),
  ...[1, 7, 5_000].map((scanCount) =>
    rule(`an iterator yields each key once, ${scanCount} per step`, async ({ cache }) => {
      const keys = times(500, (index) => `key ${index}`);
      await plant(cache, keys);
      const found: string[] = [];
      for await (const key of cache.iterKeys("key *", { scanCount })) found.push(key);
      assert.deepEqual(found.toSorted(), keys.toSorted());
    }),
  ),
  rule("an iterator may be left early", async ({ cache }) => {
    await plant(cache, words);
    for await (const key of cache.iterKeys("*", { scanCount: 1 })) {
      assert.ok(words.includes(key));
      break;
    }
    assert.equal((await cache.keys("*")).length, words.length);
  }),
  rule("keys may be removed while an iterator walks over them", async ({ cache }) => {
    const keys = times(100, (index) => `key ${index}`);
    await plant(cache, keys);
    for await (const key of cache.iterKeys("*", { scanCount: 10 })) await cache.delete(key);
    assert.deepEqual(await cache.keys("*"), []);
  }),
  rule("deletePattern tells how far it has come", async ({ cache }) => {
    await plant(
      cache,
      times(500, (index) => `key ${index}`),
    );
    const progress: number[] = [];
    const onProgress = (deleted: number): void => {
      progress.push(deleted);
    };
    assert.equal(await cache.deletePattern("key *", { scanCount: 50, onProgress }), 500);
    assert.ok(progress.length > 1, "it told in one go");
    assert.deepEqual(
      progress,
      progress.toSorted((one, other) => one - other),
    );
    assert.equal(progress.at(-1), 500);
  }),
  rule("deletePattern stops between two batches when told to", async ({ cache }) => {
    await plant(
      cache,
      times(500, (index) => `key ${index}`),
    );
    const controller = new AbortController();
    const reason = new Error("enough");
    let deleted = 0;
    const onProgress = (sum: number): void => {
      deleted = sum;
      controller.abort(reason);
    };
    const options = { scanCount: 50, onProgress, signal: controller.signal };
    await assert.rejects(cache.deletePattern("*", options), reason);
    assert.ok(deleted > 0 && deleted < 500, `${deleted} of 500 are gone`);
    assert.equal((await cache.keys("*")).length, 500 - deleted);
  }),
  rule("deletePattern under a signal that was given before deletes nothing", async ({ cache }) => {
    await plant(cache, words);
    const reason = new Error("never mind");
    const signal = AbortSignal.abort(reason);
    await assert.rejects(cache.deletePattern("*", { signal }), reason);
    assert.equal((await cache.keys("*")).length, words.length);
  }),
  rule("clear removes every version and answers how many keys", async ({ cache }) => {
    await plant(cache, hostileTexts);
    for (const version of [0, -3, 2, 11]) await cache.set("key", 1, { version });
    assert.equal(await cache.clear(), hostileTexts.length + 4);
    assert.deepEqual(await cache.keys("*"), []);
    for (const version of [0, -3, 2, 11]) assert.equal(await cache.has("key", { version }), false);
  }),
  rule("clear of nothing answers 0", async ({ cache }) => {
    assert.equal(await cache.clear(), 0);
  }),
  rule("clear of a view of one version removes every version", async ({ cache }) => {
    await cache.set("key", 1);
    await cache.set("key", 1, { version: 2 });
    assert.equal(await cache.withVersion(3).clear(), 2);
  }),
  rule("clear removes thousands", async ({ cache }) => {
    await plant(
      cache,
      times(3_000, (index) => `key ${index}`),
    );
    assert.equal(await cache.clear(), 3_000);
  }),
];

/** Stores 1 under each key. */
export async function plant(cache: Cache, keys: readonly string[]): Promise<void> {
  await cache.setMany(keys.map((key) => [key, 1] as const));
}

async function collected(cache: Cache, pattern: string): Promise<string[]> {
  const found: string[] = [];
  for await (const key of cache.iterKeys(pattern)) found.push(key);
  return found;
}
