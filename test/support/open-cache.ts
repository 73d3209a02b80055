import { onTestFinished } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";

/** Makes a cache that is closed when the test is over. */
export function openCache(options: CacheOptions = {}): Cache {
  const cache = createCache(options);
  onTestFinished(() => cache.close());
  return cache;
}
