import type { Clock } from "../kit/clock.ts";
import type { Cache } from "./cache.ts";
import type { Codec } from "./codec.ts";
import type { MemberIndex, RecordStore } from "./records.ts";
import type { Store } from "./store.ts";

/** The call that an `error` event names. */
export interface BackendCall {
  /** For example `"sessions.load"`. */
  readonly operation: string;
}

/** What sessions need of the cache they live in: its stores, its codec, its handling of failures. */
export interface SessionBackend {
  readonly records: RecordStore;
  readonly index: MemberIndex;
  /** The store of plain values. It takes whole keys, without the cache's own prefix. */
  readonly store: Store;
  readonly codec: Codec;
  /** Decides whether a moment is past. */
  readonly clock: Clock;
  /** How many keys a scan looks at per step. */
  readonly scanCount: number;

  /**
   * Returns the stored key of a record. It lies beside the cache's keys, where no verb of the cache
   * meets it. `key(a) + b` is `key(a + b)`, so that a key's head may be built once.
   */
  key(name: string): string;

  /** Runs a task on the store. A failure emits the cache's `error` event and always rejects. */
  run<T>(call: BackendCall, task: () => Promise<T>): Promise<T>;

  /** Emits the `error` event of a failure that the caller does not see. */
  reportIgnored(call: BackendCall, error: unknown): void;
}

/** The hidden member of a cache. A registered symbol, so that two copies of this library find each other's. */
const backendOf = Symbol.for("cachewell.sessionBackend");

/** Makes `cache` provide the backend that `provide` returns. */
export function attachSessionBackend(cache: Cache, provide: () => SessionBackend): void {
  Object.defineProperty(cache, backendOf, { value: provide });
}

/** Returns the backend of `cache`. @throws TypeError for anything but a cache of this library */
export function sessionBackendOf(cache: Cache): SessionBackend {
  if (typeof cache === "object" && cache !== null && backendOf in cache) {
    return (cache[backendOf] as () => SessionBackend)(); // only `attachSessionBackend` knows the symbol
  }
  throw new TypeError("cache must be a cache of createCache() or createCaches().");
}
