/** The event of one key. */
export interface KeyEvent {
  /** The cache's name. */
  readonly cache: string;
  /** The key as the caller gave it, with the namespace, without prefix and version. */
  readonly key: string;
}

/** The event of a failed call. */
export interface ErrorEvent {
  readonly cache: string;
  /** The method that you called, for example `"get"`. */
  readonly operation: string;
  /** The key of a single-key call, with the namespace. */
  readonly key?: string;
  readonly error: unknown;
  /** Whether the call resolved with a fallback instead of rejecting (`ignoreErrors`). */
  readonly ignored: boolean;
}

/** The event of the connection to the store. */
export interface ConnectionEvent {
  readonly cache: string;
  /** Why the connection broke; absent on `connect` and after `close()`. */
  readonly cause?: unknown;
}

/** The event of the circuit breaker. */
export interface CircuitEvent {
  readonly cache: string;
  /** `"open"`: calls fail at once. `"closed"`: the server answered. */
  readonly state: CircuitState;
  /** The failure that opened the circuit. */
  readonly cause?: unknown;
}

/** `"closed"`: calls go to the store. `"open"`: they fail at once. */
export type CircuitState = "closed" | "open";

/**
 * The events of a cache. No event carries a value or a credential, and every listener is optional.
 *
 * @example
 * cache.on("error", ({ operation, key, error }) => log.warn({ operation, key, error }));
 */
export interface CacheEvents {
  /** A read found a value. */
  hit: KeyEvent;
  /** A read found nothing. */
  miss: KeyEvent;
  /** A value was stored. */
  write: KeyEvent;
  /** A key that existed was deleted. Emitted for single-key deletes only, not for bulk or pattern deletes. */
  delete: KeyEvent;
  /** A call failed, with `ignoreErrors` or without. A bulk call emits one event per distinct error. */
  error: ErrorEvent;
  /** The connection to the store is ready. */
  connect: ConnectionEvent;
  /** The connection to the store closed or broke. */
  disconnect: ConnectionEvent;
  /** The circuit opened, or closed. */
  circuit: CircuitEvent;
}

/** The name of an event. */
export type CacheEventName = keyof CacheEvents;

/** A listener. The cache logs what it throws; no caller of the cache sees that. */
export type CacheListener<Name extends CacheEventName> = (event: CacheEvents[Name]) => void;

/** A set of listeners, as `createCache` takes it. */
export type CacheListeners = {
  readonly [Name in CacheEventName]?: CacheListener<Name> | undefined;
};

/** The counts of the near cache since `createCache`, and what it holds now. */
export interface NearStats {
  /** Reads that took no round trip. They count as `hits` of the cache, too. */
  readonly hits: number;
  /** Reads that asked the store, including those made while the near cache could keep nothing. */
  readonly misses: number;
  /** Entries evicted for others, because of `maxEntries` or `maxBytes`. */
  readonly evictions: number;
  /** Entries dropped because their key changed elsewhere, expired or was flushed. */
  readonly invalidations: number;
  /** The entries that it holds. */
  readonly entries: number;
  /** Their size: values in bytes as stored, keys in UTF-16 units. */
  readonly bytes: number;
  /** Whether the server reports changes at present; while it does not, every read asks the store. */
  readonly tracking: boolean;
}

/** The counts of a cache since `createCache`. */
export interface CacheStats {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  /** `hits / (hits + misses)`, 0 before the first read. */
  readonly hitRate: number;
  readonly writes: number;
  readonly deletes: number;
  /** Runs of the factories of `getOrSet`, `getOrSetMany` and `memoize`. */
  readonly loads: number;
  /** Failures, including ignored ones. */
  readonly errors: number;
  readonly ignoredErrors: number;
  /** The calls under way at present. */
  readonly pending: number;
  /** The state of the circuit breaker; always `"closed"` on memory. */
  readonly circuit: CircuitState;
  /** The counts of the near cache, where `nearCache` is on and the location is a server's. */
  readonly near?: NearStats;
}
