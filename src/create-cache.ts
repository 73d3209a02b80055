import { assemble } from "./assemble.ts";
import { createCodec } from "./codec/codec.ts";
import type { Cache } from "./contracts/cache.ts";
import type { CacheOptions } from "./contracts/options.ts";
import { openDriver } from "./open-driver.ts";

/**
 * Makes a cache. Synchronous: it connects to nothing before the first command, and an unreachable
 * store is no error here.
 *
 * @throws ConfigurationError for an unknown option, a bad location or options that contradict each other
 * @throws TypeError for a value of the wrong type
 */
export function createCache(options: CacheOptions = {}): Cache {
  return assemble({
    options,
    codec: () => createCodec(options),
    driver: (resolved, events) => openDriver(options, resolved, events),
  });
}
