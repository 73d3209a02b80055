import { assembleCache } from "./cache/cache-parts.ts";
import { logCircuit } from "./cache/calls/circuit-log.ts";
import { Events } from "./cache/calls/events.ts";
import { openNear } from "./cache/near/open-near.ts";
import { type ResolvedOptions, resolveOptions } from "./cache/options/resolve-options.ts";
import { StoredCache } from "./cache/stored-cache.ts";
import { Values } from "./cache/values/values.ts";
import { WriteOrder } from "./cache/values/write-order.ts";
import type { Cache } from "./contracts/cache.ts";
import type { Codec } from "./contracts/codec.ts";
import type { Driver } from "./contracts/driver.ts";
import type { KeyLayout } from "./contracts/key-layout.ts";
import type { CacheOptions } from "./contracts/options.ts";

/** What a cache is put together of. */
export interface Assembly {
  /** As given to `createCache`; those that a codec or a layout stands for are not looked at. */
  readonly options: CacheOptions;

  /** Opens the driver, once the options are checked; it emits by `events` what becomes of its connection. */
  readonly driver: (resolved: ResolvedOptions, events: Events) => Driver;

  /** Makes the codec, once the options are checked. */
  readonly codec: () => Codec;

  /** How stored keys are made. @default what the options name, else Django's */
  readonly layout?: KeyLayout | undefined;
}

/**
 * Puts a cache together: the way in for doors that bring a codec or a key layout of their own.
 *
 * @throws ConfigurationError, TypeError as `createCache` does
 */
export function assemble({
  options,
  driver: openDriver,
  codec: makeCodec,
  layout,
}: Assembly): Cache {
  const resolved = resolveOptions(options, layout);
  const { name, policy, lifetime, scanCount, clock, keys } = resolved;
  const events = new Events(name, policy.logger, options.events);
  logCircuit(policy, events);
  const codec = makeCodec();
  const driver = openDriver(resolved, events);
  const order = new WriteOrder();
  const near = openNear({ driver, codec, order, events, policy, keys }, resolved.near);
  const values = near?.values ?? new Values(driver.store, codec, order);
  const store = { driver, codec, values, near: near?.cache };
  const rules = { events, policy, lifetime, scanCount, clock };
  return new StoredCache(assembleCache({ ...store, ...rules }, keys));
}
