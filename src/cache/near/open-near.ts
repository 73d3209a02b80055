import type { Codec } from "../../contracts/codec.ts";
import type { Driver } from "../../contracts/driver.ts";
import type { KeyBuilder } from "../../keys/key-builder.ts";
import type { Events } from "../calls/events.ts";
import type { FailurePolicy } from "../calls/failure-policy.ts";
import { logTo } from "../calls/log.ts";
import type { NearBounds } from "../options/near-bounds.ts";
import type { Values } from "../values/values.ts";
import type { WriteOrder } from "../values/write-order.ts";
import { InvalidatingStore } from "./invalidating-store.ts";
import { NearCache } from "./near-cache.ts";
import { NearValues } from "./near-values.ts";

/** A near cache, and the values in front of which it lies. */
export interface Near {
  readonly cache: NearCache;
  readonly values: Values;
}

/** What a near cache lies between. */
export interface NearSurroundings {
  readonly driver: Driver;
  readonly codec: Codec;
  readonly order: WriteOrder;
  readonly events: Events;
  readonly policy: FailurePolicy;
  readonly keys: KeyBuilder;
}

/**
 * Makes the near cache of a cache, and connects to nothing yet; `undefined` where the options ask for none,
 * or the values are in this process as it is.
 *
 * @throws ConfigurationError where the client cannot report changes
 */
export function openNear(
  { driver, codec, order, events, policy, keys }: NearSurroundings,
  bounds: NearBounds | undefined,
): Near | undefined {
  if (bounds === undefined || driver.near === undefined) return undefined;
  const cache = new NearCache({
    bounds,
    invalidations: driver.near.invalidations({ prefix: keys.commonPrefix() }),
    refused: (error) => {
      events.failed({ operation: "nearCache", error, ignored: true });
      logTo(policy.logger, `${events.name}: ${error.message}`, error);
    },
  });
  const store = new InvalidatingStore(driver.store, cache);
  const { reads } = driver.near;
  return { cache, values: new NearValues({ near: cache, reads, store, codec, order }) };
}
