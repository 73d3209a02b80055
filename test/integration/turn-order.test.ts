import { setTimeout as wait } from "node:timers/promises";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { Compressor } from "../../src/contracts/compressor.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";

/** Takes a while, another one each time, so that later calls of the turn could overtake the write. */
const slow: Compressor = {
  name: "slow",
  async compress(bytes) {
    await wait(bytes.length % 4);
    return deflateRawSync(bytes);
  },
  decompress: (bytes, maxOutputLength) => inflateRawSync(bytes, { maxOutputLength }),
};

const options: CacheOptions = { compressor: slow, compressMinBytes: 100, commandTimeout: "10s" };

/** One call of a turn. */
type Step = readonly [what: string, call: (cache: Cache) => Promise<unknown>];

const keys = fc.constantFrom("a", "b", "c");
const values = fc.oneof(
  fc.integer({ min: 0, max: 9 }),
  fc.integer({ min: 100, max: 110 }).map((length) => "x".repeat(length)),
  fc.constant(new Date(0)),
);

const steps: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(keys, values)
    .map(
      ([key, value]): Step => [
        `set ${key} ${String(value).length}`,
        (cache) => cache.set(key, value),
      ],
    ),
  fc
    .tuple(keys, values)
    .map(([key, value]): Step => [`add ${key}`, (cache) => cache.add(key, value)]),
  fc
    .tuple(keys, values)
    .map(
      ([key, value]): Step => [
        `set ${key} with nothing to live`,
        (cache) => cache.set(key, value, { ttl: 0, nx: true }),
      ],
    ),
  fc
    .tuple(keys, keys, values)
    .map(
      ([one, other, value]): Step => [
        `setMany ${one} ${other}`,
        (cache) => cache.setMany({ [one]: value, [other]: 1 }),
      ],
    ),
  keys.map((key): Step => [`get ${key}`, (cache) => cache.get(key)]),
  keys.map(
    (key): Step => [`getMany ${key}`, async (cache) => [...(await cache.getMany([key, "a"]))]],
  ),
  keys.map((key): Step => [`has ${key}`, (cache) => cache.has(key)]),
  keys.map((key): Step => [`take ${key}`, (cache) => cache.take(key)]),
  keys.map((key): Step => [`delete ${key}`, (cache) => cache.delete(key)]),
  keys.map((key): Step => [`deleteMany ${key}`, (cache) => cache.deleteMany([key, "b"])]),
  keys.map((key): Step => [`touch ${key}`, (cache) => cache.touch(key, "1h")]),
  keys.map((key): Step => [`persist ${key}`, (cache) => cache.persist(key)]),
  fc.constant<Step>(["flush", (cache) => cache.flushDatabase()]),
);

const database = freshDatabase();

const caches: readonly (readonly [string, () => Promise<CacheOptions>])[] = [
  ["memory", async () => ({})],
  ["Redis", async () => ({ location: sharedUrl(await database) })],
  [
    "Redis, each read alone",
    async () => ({ location: sharedUrl(await database), coalesce: false }),
  ],
  [
    "Redis with a near cache",
    async () => ({ location: sharedUrl(await database), nearCache: true }),
  ],
];

describe("what one turn of the event loop asks", () => {
  test.each(caches)("is done in that order, whatever it is, on %s", async (_name, where) => {
    const cache = openCache({ ...options, ...(await where()) });
    const model = createCache(options);
    if (cache.stats().near) await untilTracking(cache);
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 2, maxLength: 12 }), async (turn) => {
        await Promise.all([cache.flushDatabase(), model.flushDatabase()]);
        const outcomes = Promise.all(turn.map(([, call]) => call(cache)));
        const expected: unknown[] = [];
        for (const [, call] of turn) expected.push(await call(model));
        const asked = turn.map(([what]) => what).join(", ");
        expect([asked, await outcomes]).toEqual([asked, expected]);
      }),
      { numRuns: 150 },
    );
    await model.close();
  });
});
