import type { Codec } from "../contracts/codec.ts";
import type { Driver } from "../contracts/driver.ts";
import type { NearStats } from "../contracts/events.ts";
import type { Lifetime } from "../contracts/store.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import type { Clock } from "../kit/clock.ts";
import { BulkVerbs } from "./bulk-verbs.ts";
import { Calls } from "./calls/calls.ts";
import type { Events } from "./calls/events.ts";
import type { FailurePolicy } from "./calls/failure-policy.ts";
import { Lifecycle } from "./calls/lifecycle.ts";
import { KeyVerbs } from "./key-verbs.ts";
import { KeyWalk } from "./key-walk.ts";
import { Locks } from "./locks/locks.ts";
import { GetOrSet } from "./read-through/get-or-set.ts";
import { GetOrSetMany } from "./read-through/get-or-set-many.ts";
import { InFlightLoads } from "./read-through/in-flight-loads.ts";
import type { Values } from "./values/values.ts";

/** What a cache keeps in front of its values, as far as the cache itself has to know. */
export interface NearTier {
  stats(): NearStats;
  close(): Promise<void>;
}

/** What a cache and all its views share. */
export interface CacheFoundation {
  readonly driver: Driver;
  readonly codec: Codec;
  readonly values: Values;
  readonly events: Events;
  readonly policy: FailurePolicy;
  /** The lifetime of a write that names none. */
  readonly lifetime: Lifetime;
  readonly scanCount: number;
  /** By which a moment is past: the store's own on memory, near the server's otherwise. */
  readonly clock: Clock;
  readonly near: NearTier | undefined;
}

/** The parts of one cache, or of one view of it. */
export interface CacheParts {
  readonly foundation: CacheFoundation;
  readonly inFlight: InFlightLoads;
  readonly lifecycle: Lifecycle;
  /** That of the cache itself, whose views come and go. */
  readonly cacheLifecycle: Lifecycle;
  readonly keys: KeyBuilder;
  readonly calls: Calls;
  readonly values: Values;
  readonly keyVerbs: KeyVerbs;
  readonly bulkVerbs: BulkVerbs;
  readonly loads: GetOrSet;
  readonly walk: KeyWalk;
  readonly locks: Locks;
}

/** Puts a cache's parts together. */
export function assembleCache(foundation: CacheFoundation, keys: KeyBuilder): CacheParts {
  const lifecycle = new Lifecycle(foundation.events.name);
  const inFlight = new InFlightLoads();
  return assembleParts({ foundation, inFlight, lifecycle, cacheLifecycle: lifecycle, keys });
}

/** Puts the parts of a view together: other keys, a lifecycle of its own, all else shared. */
export function assembleView(cache: CacheParts, keys: KeyBuilder): CacheParts {
  const { foundation, inFlight, lifecycle: outer, cacheLifecycle } = cache;
  const lifecycle = new Lifecycle(foundation.events.name, outer);
  return assembleParts({ foundation, inFlight, lifecycle, cacheLifecycle, keys });
}

function assembleParts(
  given: Pick<CacheParts, "foundation" | "inFlight" | "lifecycle" | "cacheLifecycle" | "keys">,
): CacheParts {
  const { foundation, inFlight, lifecycle, cacheLifecycle, keys } = given;
  const { driver, events, policy, values, lifetime, clock, scanCount } = foundation;
  const { namespace } = keys.scope;
  const calls = new Calls({ events, policy, namespace, lifecycle });
  // Views share a load, so it goes on when the one that began it is closed.
  const loadCalls = new Calls({ events, policy, namespace, lifecycle: cacheLifecycle });
  const loading = { values, calls: loadCalls, inFlight };
  const verbs = { keys, values, calls, inFlight, lifetime, clock };
  return {
    ...given,
    calls,
    values,
    keyVerbs: new KeyVerbs(verbs),
    bulkVerbs: new BulkVerbs({ ...verbs, bulkLoads: new GetOrSetMany(loading) }),
    loads: new GetOrSet(loading),
    walk: new KeyWalk({ values, calls, keys, inFlight, scanCount }),
    locks: new Locks(driver.locker, calls),
  };
}
