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
import { BulkReadThrough } from "./read-through/bulk-read-through.ts";
import { Flights } from "./read-through/flights.ts";
import { ReadThrough } from "./read-through/read-through.ts";
import type { Departures } from "./values/departures.ts";
import { Values } from "./values/values.ts";

/** What a cache is made of. */
export interface CacheFoundation {
  readonly departures: Departures;
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
  readonly flights: Flights;
  readonly departures: Departures;
  readonly lifecycle: Lifecycle;
  readonly keys: KeyBuilder;
  readonly instrument: Instrument;
  readonly store: Store;
  readonly guard: Guard;
  readonly values: Values;
  readonly reads: ReadThrough;
  readonly bulkReads: BulkReadThrough;
  readonly walk: KeyWalk;
  readonly locks: Locks;
}

/** Puts a cache's parts together. */
export function assembleCache(foundation: CacheFoundation, keys: KeyBuilder): CacheParts {
  const lifecycle = new Lifecycle(foundation.instrument.name);
  return assemble({ foundation, flights: new Flights(), lifecycle, keys });
}

/** Puts the parts of a view together: other keys, a lifecycle of its own, all else shared. */
export function assembleView(cache: CacheParts, keys: KeyBuilder): CacheParts {
  const { foundation, flights } = cache;
  const lifecycle = new Lifecycle(foundation.instrument.name, cache.lifecycle);
  return assemble({ foundation, flights, lifecycle, keys });
}

function assemble(
  given: Pick<CacheParts, "foundation" | "flights" | "lifecycle" | "keys">,
): CacheParts {
  const { foundation, flights, lifecycle, keys } = given;
  const { driver, near, codec, departures } = foundation;
  const { locker } = driver;
  const store = near?.store ?? driver.store;
  const instrument = foundation.instrument.within(keys.scope.namespace);
  const guard = new Guard(foundation.policy, lifecycle, instrument);
  const values = near?.values ?? new Values(store, codec, departures);
  const loading = {
    values,
    instrument,
    // A load is shared by all views, so it goes on when the one that began it is closed.
    lifecycle: lifecycle.ofCache,
    guard: new Guard(foundation.policy, lifecycle.ofCache, instrument),
  };
  return {
    ...given,
    departures,
    instrument,
    store,
    guard,
    values,
    reads: new ReadThrough({ ...loading, flights }),
    bulkReads: new BulkReadThrough({ ...loading, flights }),
    walk: new KeyWalk({ store, guard, keys, instrument }),
    locks: new Locks(locker, guard),
  };
}
