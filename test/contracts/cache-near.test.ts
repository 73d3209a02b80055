import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { freshDatabase, freshPrefix, sharedUrl } from "../support/fresh.ts";
import { untilTracking } from "../support/near.ts";
import { testCacheContract } from "./cache-contract.ts";
import { argumentRules } from "./cache-rules/arguments.ts";

const database = freshDatabase();
const commandTimeout = "5s";

/** Keeps the shared command connection open, so that each test opens only its tracking connection. */
const keeper = database.then((number) =>
  createCache({ location: sharedUrl(number), commandTimeout }),
);

beforeAll(async () => {
  await (await keeper).ping();
});

afterAll(async () => {
  await (await keeper).close();
});

/** Waits until the cache's near cache is active. Skips caches with a `keyFunction`, which may reject every key. */
async function warm(cache: Cache, options: CacheOptions = {}): Promise<Cache> {
  if (options.keyFunction === undefined) await untilTracking(cache);
  return cache;
}

/** Rules about arguments of methods that a near cache does not change. */
const argumentsOfOthers = Object.fromEntries(
  argumentRules
    .filter(({ name }) => !name.startsWith("get"))
    .map(({ name }) => [name, "as without a near cache, where it is checked"]),
);

const warmingCounts = "the reads that warm it up have been counted";

testCacheContract(
  { describe, test },
  {
    name: "redis with a near cache",
    clock: systemClock,
    exemptions: {
      ...argumentsOfOthers,
      "who joins a hit gets a value of its own": "plain data is frozen, and all have the same",
      "a new cache has counted nothing": warmingCounts,
      "statistics count hits, misses, writes, deletes and loads": warmingCounts,
    },
    open: async (options) =>
      warm(
        createCache({
          location: sharedUrl(await database),
          commandTimeout,
          nearCache: true,
          ...options,
          keyPrefix: `${freshPrefix()}${options?.keyPrefix ?? ""}`,
        }),
        options,
      ),
    pass: async (ms) => {
      await wait(ms);
    },
  },
);
