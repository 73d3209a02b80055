import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { CacheMissError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertSameLife,
  assertTypeError,
  type CacheRule,
  call,
  minuteMs,
  rule,
} from "./cache-rule.ts";

const second = { version: 2 } as const;

/** Each method that reads a key, called with version 2, which holds 22, and its answer. */
const reads: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown])[] = [
  ["get", (cache) => cache.get("key", second), 22],
  ["getOrThrow", (cache) => cache.getOrThrow("key", second), 22],
  ["getMany", async (cache) => [...(await cache.getMany(["key"], second))], [["key", 22]]],
  ["has", (cache) => cache.has("key", second), true],
  ["getOrSet", (cache) => cache.getOrSet("key", () => 0, second), 22],
  [
    "getOrSetMany",
    async (cache) => [
      ...(await cache.getOrSetMany(["key"], () => new Map<string, number>(), second)),
    ],
    [["key", 22]],
  ],
  ["ttl", (cache) => cache.ttl("key", second), null],
  ["pttl", (cache) => cache.pttl("key", second), null],
  ["keys", (cache) => cache.keys("*", second), ["key"]],
  ["iterKeys", async (cache) => (await cache.iterKeys("*", second).next()).value, "key"],
];

/** As {@link reads}, for methods that write; the last item is what version 2 holds afterwards. */
const writes: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown, unknown])[] =
  [
    ["set", (cache) => cache.set("key", 3, second), true, 3],
    ["add", (cache) => cache.add("key", 3, second), false, 22],
    ["setMany", (cache) => cache.setMany({ key: 3 }, second), [], 3],
    ["delete", (cache) => cache.delete("key", second), true, undefined],
    ["deleteMany", (cache) => cache.deleteMany(["key"], second), 1, undefined],
    ["take", (cache) => cache.take("key", second), 22, undefined],
    ["incr", (cache) => cache.incr("key", 1, second), 23, 23],
    ["decr", (cache) => cache.decr("key", 1, second), 21, 21],
    ["touch", (cache) => cache.touch("key", 0, second), true, undefined],
    ["persist", (cache) => cache.persist("key", second), false, 22],
    ["expire", (cache) => cache.expire("key", 0, second), true, undefined],
    ["expireAt", (cache) => cache.expireAt("key", 0, second), true, undefined],
    ["pexpire", (cache) => cache.pexpire("key", 0, second), true, undefined],
    ["pexpireAt", (cache) => cache.pexpireAt("key", 0, second), true, undefined],
    ["incrVersion", (cache) => cache.incrVersion("key", 3, second), 5, undefined],
    ["decrVersion", (cache) => cache.decrVersion("key", 5, second), -3, undefined],
    ["deletePattern", (cache) => cache.deletePattern("k*", second), 1, undefined],
  ];

/** What versions promise. */
export const versionRules: readonly CacheRule[] = [
  ...reads.map(([method, read, answer]) =>
    rule(`${method} reads the version it is told`, async ({ cache }) => {
      await plantBoth(cache);
      assert.deepEqual(await read(cache), answer);
      assert.equal(await cache.get("key"), 11);
    }),
  ),
  ...writes.map(([method, write, answer, left]) =>
    rule(`${method} changes the version it is told, and no other`, async ({ cache }) => {
      await plantBoth(cache);
      assert.deepEqual(await write(cache), answer);
      assert.equal(await cache.get("key", second), left);
      assert.equal(await cache.get("key"), 11);
      await assertLives(cache, "key", minuteMs);
    }),
  ),
  rule("versions may be zero and below", async ({ cache }) => {
    for (const version of [0, -1, -20, 7]) await cache.set("key", version, { version });
    for (const version of [0, -1, -20, 7])
      assert.equal(await cache.get("key", { version }), version);
    assert.equal(await cache.get("key"), undefined);
  }),
  ...[1.5, Number.NaN, "2", null, true, 2n].map((version) =>
    rule(`${typeof version} ${String(version)} is no version`, async ({ cache }) => {
      await assertTypeError(call(cache, "get", "key", { version }));
      await assertTypeError(call(cache, "withVersion", version));
    }),
  ),
  rule("the cache's own version is the one it was made with", async ({ open }) => {
    const cache = await open({ version: 7 });
    await cache.set("key", 1);
    assert.equal(await cache.get("key", { version: 7 }), 1);
    assert.equal(await cache.withVersion(7).get("key"), 1);
    assert.equal(await cache.get("key", { version: 1 }), undefined);
  }),
  rule("a view of another version reads and writes that one", async ({ cache }) => {
    const view = cache.withVersion(2);
    await view.set("key", "second");
    assert.equal(await cache.get("key", second), "second");
    assert.equal(await cache.has("key"), false);
    assert.deepEqual(await view.keys("*"), ["key"]);
    assert.equal(await view.get("key", { version: 1, default: "first" }), "first");
  }),
  rule("a view of the same version is no other cache", async ({ cache }) => {
    await cache.set("key", 1);
    assert.equal(await cache.withVersion(2).withVersion(1).get("key"), 1);
  }),
  rule("incrVersion moves the value and answers its version", async ({ cache }) => {
    await cache.set("key", "value");
    assert.equal(await cache.incrVersion("key"), 2);
    assert.equal(await cache.has("key"), false);
    assert.equal(await cache.get("key", second), "value");
  }),
  rule("decrVersion moves the value the other way", async ({ cache }) => {
    await cache.set("key", "value");
    assert.equal(await cache.decrVersion("key"), 0);
    assert.equal(await cache.get("key", { version: 0 }), "value");
    assert.equal(await cache.decrVersion("key", 4, { version: 0 }), -4);
    assert.equal(await cache.get("key", { version: -4 }), "value");
  }),
  rule("incrVersion and decrVersion go back and forth by any whole number", async ({ cache }) => {
    await cache.set("key", "value");
    assert.equal(await cache.incrVersion("key", 10), 11);
    assert.equal(await cache.incrVersion("key", -4, { version: 11 }), 7);
    assert.equal(await cache.decrVersion("key", -3, { version: 7 }), 10);
    assert.equal(await cache.get("key", { version: 10 }), "value");
  }),
  rule("incrVersion by 0 leaves the value where it is", async ({ cache }) => {
    await cache.set("key", "value", { ttl: "1m" });
    assert.equal(await cache.incrVersion("key", 0), 1);
    assert.equal(await cache.get("key"), "value");
    await assertLives(cache, "key", minuteMs);
  }),
  rule("incrVersion keeps the remaining time to the millisecond", async ({ cache, pass }) => {
    await cache.set("key", "value", { ttl: 60 });
    await pass(7);
    await assertSameLife(cache, "key", async () => {
      await cache.incrVersion("key");
      await cache.decrVersion("key", 1, second);
    });
  }),
  rule("incrVersion does not lose a value in the last moments of its life", async ({ cache }) => {
    await cache.set("key", "value", { ttl: "400ms" });
    await cache.incrVersion("key");
    assert.equal(await cache.get("key", second), "value");
  }),
  rule("incrVersion leaves an endless key endless", async ({ cache }) => {
    await cache.set("key", "value", { ttl: null });
    await cache.incrVersion("key");
    await assertLives(cache.withVersion(2), "key", null);
  }),
  rule("incrVersion moves a null", async ({ cache }) => {
    await cache.set("key", null);
    assert.equal(await cache.incrVersion("key"), 2);
    assert.equal(await cache.get("key", { ...second, default: "spare" }), null);
  }),
  rule("incrVersion replaces what lived under the new version", async ({ cache }) => {
    await plantBoth(cache);
    await cache.incrVersion("key");
    assert.equal(await cache.get("key", second), 11);
    await assertLives(cache.withVersion(2), "key", minuteMs);
  }),
  rule(
    "incrVersion of an absent key is a CacheMissError, and leaves the others",
    async ({ cache }) => {
      await cache.set("key", 22, second);
      await assert.rejects(cache.incrVersion("key"), { name: "CacheMissError", key: "key" });
      await assert.rejects(cache.decrVersion("key"), CacheMissError);
      assert.equal(await cache.get("key", second), 22);
    },
  ),
  ...[1.5, Number.NaN, "1", null, 1n].map((delta) =>
    rule(`incrVersion by ${typeof delta} ${String(delta)} is a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "incrVersion", "key", delta));
      await assertTypeError(call(cache, "decrVersion", "key", delta));
    }),
  ),
  rule("a view of another version counts versions from its own", async ({ cache }) => {
    await cache.set("key", "value", second);
    assert.equal(await cache.withVersion(2).incrVersion("key"), 3);
    assert.equal(await cache.get("key", { version: 3 }), "value");
  }),
];

/** Stores 11 under version 1 for a minute, and 22 under version 2 forever. */
async function plantBoth(cache: Cache): Promise<void> {
  await cache.set("key", 11, { ttl: "1m" });
  await cache.set("key", 22, { ...second, ttl: null });
}
