import type { Codec } from "../codec/codec.ts";
import type { Driver } from "../contracts/driver.ts";
import type { Lifetime, Store } from "../contracts/store.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import type { Clock } from "../kit/clock.ts";
import { type FailurePolicy, Guard } from "./calls/guard.ts";
import type { Instrument } from "./calls/instrument.ts";
import { Lifecycle } from "./calls/lifecycle.ts";
import { KeyWalk } from "./key-walk.ts";
import { Locks } from "./locks/locks.ts";
import type { Near } from "./near/open-near.ts";
import { GetOrSet } from "./read-through/get-or-set.ts";
import { GetOrSetMany } from "./read-through/get-or-set-many.ts";
import { InFlightLoads } from "./read-through/in-flight-loads.ts";
import { Values } from "./values/values.ts";
import type { WriteOrder } from "./values/write-order.ts";

/** What a cache is made of. */
export interface CacheFoundation {
  readonly writeOrder: WriteOrder;
  readonly driver: Driver;
  readonly codec: Codec;
  readonly instrument: Instrument;
  readonly policy: FailurePolicy;
  /** The lifetime of a write that names none. */
  readonly lifetime: Lifetime;
  readonly scanCount: number;
  /** By which a moment is past: the store's own on memory, near the server's otherwise. */
  readonly clock: Clock;
  /** The near cache, where there is one. */
  readonly near: Near | undefined;
}

/** The parts of one cache, or of one view of it. */
export interface CacheParts {
  readonly foundation: CacheFoundation;
  readonly inFlight: InFlightLoads;
  readonly writeOrder: WriteOrder;
  readonly lifecycle: Lifecycle;
  readonly keys: KeyBuilder;
  readonly instrument: Instrument;
  readonly store: Store;
  readonly guard: Guard;
  readonly values: Values;
  readonly reads: GetOrSet;
  readonly bulkReads: GetOrSetMany;
  readonly walk: KeyWalk;
  readonly locks: Locks;
}

/** Puts a cache's parts together. */
export function assembleCache(foundation: CacheFoundation, keys: KeyBuilder): CacheParts {
  const lifecycle = new Lifecycle(foundation.instrument.name);
  return assemble({ foundation, inFlight: new InFlightLoads(), lifecycle, keys });
}

/** Puts the parts of a view together: other keys, a lifecycle of its own, all else shared. */
export function assembleView(cache: CacheParts, keys: KeyBuilder): CacheParts {
  const { foundation, inFlight } = cache;
  const lifecycle = new Lifecycle(foundation.instrument.name, cache.lifecycle);
  return assemble({ foundation, inFlight, lifecycle, keys });
}

function assemble(
  given: Pick<CacheParts, "foundation" | "inFlight" | "lifecycle" | "keys">,
): CacheParts {
  const { foundation, inFlight, lifecycle, keys } = given;
  const { driver, near, codec, writeOrder } = foundation;
  const { locker } = driver;
  const store = near?.store ?? driver.store;
  const instrument = foundation.instrument.within(keys.scope.namespace);
  const guard = new Guard(foundation.policy, lifecycle, instrument);
  const values = near?.values ?? new Values(store, codec, writeOrder);
  const loading = {
    values,
    instrument,
    // A load is shared by all views, so it goes on when the one that began it is closed.
    lifecycle: lifecycle.ofCache,
    guard: new Guard(foundation.policy, lifecycle.ofCache, instrument),
  };
  return {
    ...given,
    writeOrder,
    instrument,
    store,
    guard,
    values,
    reads: new GetOrSet({ ...loading, inFlight }),
    bulkReads: new GetOrSetMany({ ...loading, inFlight }),
    walk: new KeyWalk({ store, guard, keys, instrument }),
    locks: new Locks(locker, guard),
  };
}
