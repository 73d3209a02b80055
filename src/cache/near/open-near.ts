import type { Codec } from "../../codec/codec.ts";
import type { Driver } from "../../contracts/driver.ts";
import type { Store } from "../../contracts/store.ts";
import type { KeyBuilder } from "../../keys/key-builder.ts";
import type { FailurePolicy } from "../calls/guard.ts";
import { type Instrument, logTo } from "../calls/instrument.ts";
import type { Values } from "../values/values.ts";
import type { WriteOrder } from "../values/write-order.ts";
import { InvalidatingStore } from "./invalidating-store.ts";
import { type NearBounds, NearCache } from "./near-cache.ts";
import { NearValues } from "./near-values.ts";

/** A near cache, and what takes the place of a cache's store and values before which it lies. */
export interface Near {
  readonly cache: NearCache;
  readonly store: Store;
  readonly values: Values;
}

/** What a near cache lies between. */
export interface NearSurroundings {
  readonly driver: Driver;
  readonly codec: Codec;
  readonly writeOrder: WriteOrder;
  readonly instrument: Instrument;
  readonly policy: FailurePolicy;
  readonly keys: KeyBuilder;
}

/**
 * Makes the near cache of a cache, and connects to nothing yet; `undefined` where none is asked for,
 * or the values are in this process as it is.
 *
 * @throws ConfigurationError where the client cannot tell of changes
 */
export function openNear(
  { driver, codec, writeOrder, instrument, policy, keys }: NearSurroundings,
  bounds: NearBounds | undefined,
): Near | undefined {
  if (bounds === undefined || driver.near === undefined) return undefined;
  const cache = new NearCache({
    bounds,
    invalidations: driver.near.invalidations({ prefix: keys.commonPrefix() }),
    decode: (stored) => codec.decode(stored),
    refused: (error) => {
      instrument.failed({ operation: "nearCache" }, error, true);
      logTo(policy.logger, `${instrument.name}: ${error.message}`, error);
    },
  });
  const store = new InvalidatingStore(driver.store, cache);
  const { reads } = driver.near;
  return { cache, store, values: new NearValues({ near: cache, reads, store, codec, writeOrder }) };
}
