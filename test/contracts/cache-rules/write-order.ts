import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { Compressor } from "../../../src/contracts/compressor.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import { assertLives, type CacheRule, minuteMs, rule, sortedKeys } from "./cache-rule.ts";

/** A value that is compressed, which takes a while. */
const large = "large ".repeat(1_000);

/** Takes its time whenever it compresses, so that whatever a turn asks next could overtake the write. */
const slowCompressor: Compressor = {
  name: "slow",
  compress: async (bytes) => {
    await wait(5);
    return deflateRawSync(bytes);
  },
  decompress: (bytes) => inflateRawSync(bytes),
};

const compressing: CacheOptions = { compressor: slowCompressor, compressMinBytes: 1_000 };

/** What one turn asks after `set("key", large)`, what that answers, and what lives then under `key`. */
interface Turn {
  readonly ask: (cache: Cache) => Promise<unknown>;
  readonly answer: unknown;
  /** `undefined`: nothing. */
  readonly left: unknown;
}

const afterLargeWrite: Readonly<Record<string, Turn>> = {
  "get finds it": { ask: (cache) => cache.get("key"), answer: large, left: large },
  "getMany finds it": {
    ask: (cache) => cache.getMany(["other", "key"]),
    answer: new Map([["key", large]]),
    left: large,
  },
  "has finds it": { ask: (cache) => cache.has("key"), answer: true, left: large },
  "take takes it": { ask: (cache) => cache.take("key"), answer: large, left: undefined },
  "getOrSet finds it": {
    ask: (cache) => cache.getOrSet("key", "loaded"),
    answer: large,
    left: large,
  },
  "getOrSetMany finds it": {
    ask: (cache) => cache.getOrSetMany(["key"], () => [["key", "loaded"]]),
    answer: new Map([["key", large]]),
    left: large,
  },
  "delete removes it": { ask: (cache) => cache.delete("key"), answer: true, left: undefined },
  "deleteMany removes it": {
    ask: (cache) => cache.deleteMany(["other", "key"]),
    answer: 1,
    left: undefined,
  },
  "a small value replaces it": {
    ask: (cache) => cache.set("key", "small"),
    answer: true,
    left: "small",
  },
  "setMany replaces it": {
    ask: (cache) => cache.setMany({ key: "small" }),
    answer: [],
    left: "small",
  },
  "add finds the key taken": { ask: (cache) => cache.add("key", "x"), answer: false, left: large },
  "set with nx finds the key taken": {
    ask: (cache) => cache.set("key", "x", { nx: true }),
    answer: false,
    left: large,
  },
  "set with xx finds the key": {
    ask: (cache) => cache.set("key", "x", { xx: true }),
    answer: true,
    left: "x",
  },
  "set without a lifetime removes it": {
    ask: (cache) => cache.set("key", "x", { ttl: 0 }),
    answer: true,
    left: undefined,
  },
  "set with nx, without a lifetime, finds the key taken": {
    ask: (cache) => cache.set("key", "x", { ttl: 0, nx: true }),
    answer: false,
    left: large,
  },
  "incrVersion moves it": {
    ask: async (cache) => [await cache.incrVersion("key"), await cache.get("key", { version: 2 })],
    answer: [2, large],
    left: undefined,
  },
  "touch finds it": { ask: (cache) => cache.touch("key", 60), answer: true, left: large },
  "expire finds it": { ask: (cache) => cache.expire("key", 60), answer: true, left: large },
  "expireAt in the past removes it": {
    ask: (cache) => cache.expireAt("key", 1),
    answer: true,
    left: undefined,
  },
  "persist finds its lifetime": {
    ask: (cache) => cache.persist("key"),
    answer: true,
    left: large,
  },
  "keys finds it": { ask: (cache) => cache.keys("*"), answer: ["key"], left: large },
  "iterKeys finds it": {
    ask: async (cache) => {
      const found: string[] = [];
      for await (const key of cache.iterKeys("k*")) found.push(key);
      return found;
    },
    answer: ["key"],
    left: large,
  },
  "deletePattern removes it": {
    ask: (cache) => cache.deletePattern("k*"),
    answer: 1,
    left: undefined,
  },
  "clear removes it": { ask: (cache) => cache.clear(), answer: 1, left: undefined },
  "clear of another version's view removes it": {
    ask: (cache) => cache.withVersion(7).clear(),
    answer: 1,
    left: undefined,
  },
  "flushDatabase removes it": {
    ask: (cache) => cache.flushDatabase(),
    answer: undefined,
    left: undefined,
  },
};

/** What one turn asks is done in that order, whatever is being compressed meanwhile. */
export const writeOrderRules: readonly CacheRule[] = [
  ...Object.entries(afterLargeWrite).map(([name, { ask, answer, left }]) =>
    rule(`after a large write of the same turn ${name}`, async ({ open }) => {
      const cache = await open(compressing);
      const written = cache.set("key", large);
      assert.deepEqual(await ask(cache), answer);
      assert.equal(await written, true);
      assert.deepEqual(await cache.get("key"), left);
    }),
  ),
  rule(
    "in a cache of no lifetime keepTtl finds a large write of the same turn",
    async ({ open }) => {
      const cache = await open({ ...compressing, ttl: 0 });
      const first = cache.set("key", large, { ttl: 60 });
      const small = cache.set("key", "small", { keepTtl: true });
      assert.deepEqual(await Promise.all([first, small]), [true, true]);
      assert.equal(await cache.get("key"), "small");
      await assertLives(cache, "key", minuteMs);
    },
  ),
  rule(
    "setMany of a large value and what its turn asks next keep their order",
    async ({ open }) => {
      const cache = await open(compressing);
      const written = cache.setMany({ key: large, other: "small" });
      const removed = cache.delete("other");
      const cleared = cache.deletePattern("key");
      assert.deepEqual(await Promise.all([written, removed, cleared]), [[], true, 1]);
      assert.deepEqual(await sortedKeys(cache), []);
    },
  ),
  rule("what a turn asks after flushDatabase is done after it", async ({ open }) => {
    const cache = await open(compressing);
    const asked = [
      cache.set("key", large),
      cache.flushDatabase(),
      cache.set("other", "small"),
      cache.get("key"),
      cache.set("last", large),
    ];
    assert.deepEqual(await Promise.all(asked), [true, undefined, true, undefined, true]);
    assert.deepEqual(await sortedKeys(cache), ["last", "other"]);
  }),
  rule("what a turn asks after keys does not change what it finds", async ({ open }) => {
    const cache = await open(compressing);
    await cache.set("other", "small");
    const written = cache.set("key", large);
    const found = sortedKeys(cache);
    const removed = cache.delete("other");
    assert.deepEqual(await found, ["key", "other"]);
    assert.deepEqual(await Promise.all([written, removed]), [true, true]);
  }),
  rule("a read that waits for a large write is not overtaken by a removal", async ({ open }) => {
    const cache = await open(compressing);
    await cache.set("other", "small");
    const written = cache.set("key", large);
    const read = cache.getMany(["key", "other"]);
    const removed = cache.delete("other");
    const expected = new Map([
      ["key", large],
      ["other", "small"],
    ]);
    assert.deepEqual(await read, expected);
    assert.deepEqual(await Promise.all([written, removed]), [true, true]);
  }),
  rule("reads and writes of one key in one turn keep their order", async ({ open }) => {
    const cache = await open(compressing);
    // From here on the cache reads values as bytes: it has met one that is no plain text.
    await cache.set("key", large);
    await cache.get("key");
    const asked = [
      cache.set("key", large),
      cache.get("key"),
      cache.set("key", "small"),
      cache.get("key"),
      cache.delete("key"),
      cache.get("key"),
    ];
    assert.deepEqual(await Promise.all(asked), [true, large, true, "small", true, undefined]);
  }),
  rule("a large value that cannot be stored holds up nothing", async ({ open }) => {
    const failing = { ...slowCompressor, name: "failing", compress: failLater };
    const cache = await open({ ...compressing, compressor: failing });
    await cache.set("key", "small");
    const written = cache.set("key", large);
    const flushed = cache.flushDatabase();
    await assert.rejects(written, { code: "ENCODE" });
    await flushed;
    assert.equal(await cache.get("key"), undefined);
    assert.equal(await cache.set("key", "small"), true);
  }),
];

async function failLater(): Promise<Uint8Array> {
  await wait(5);
  throw new Error("no room to compress");
}
