import { assembleCache } from "./cache/cache-parts.ts";
import { logCircuit } from "./cache/calls/circuit-log.ts";
import { Instrument } from "./cache/calls/instrument.ts";
import { openNear } from "./cache/near/open-near.ts";
import { resolveOptions } from "./cache/options/resolve-options.ts";
import { StoredCache } from "./cache/stored-cache.ts";
import { WriteOrder } from "./cache/values/write-order.ts";
import { createCodec } from "./codec/codec.ts";
import type { Cache } from "./contracts/cache.ts";
import type { CacheOptions } from "./contracts/options.ts";
import { openDriver } from "./open-driver.ts";

/**
 * Makes a cache. Synchronous: nothing is connected before the first command, and an unreachable
 * store is no error here.
 *
 * @throws ConfigurationError for an unknown option, a bad location or options that contradict each other
 * @throws TypeError for a value of the wrong type
 */
export function createCache(options: CacheOptions = {}): Cache {
  const resolved = resolveOptions(options);
  const { name, policy, lifetime, scanCount, clock, keys } = resolved;
  const instrument = Instrument.of(name, policy.logger, options.events);
  logCircuit(policy, instrument);
  const codec = createCodec(options);
  const driver = openDriver(options, resolved, instrument);
  const writeOrder = new WriteOrder();
  const near = openNear({ driver, codec, writeOrder, instrument, policy, keys }, resolved.near);
  const foundation = {
    driver,
    codec,
    writeOrder,
    instrument,
    policy,
    lifetime,
    scanCount,
    clock,
    near,
  };
  return new StoredCache(assembleCache(foundation, keys));
}
