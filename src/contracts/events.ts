/** What is told of one key. */
export interface KeyEvent {
  /** The cache's name. */
  readonly cache: string;
  /** The key as the caller gave it, with the namespace, without prefix and version. */
  readonly key: string;
}

/** What is told of a failure. */
export interface ErrorEvent {
  readonly cache: string;
  /** The method that was called, for example `"get"`. */
  readonly operation: string;
  /** The key of the call, with the namespace, where it is about one. */
  readonly key?: string;
  readonly error: unknown;
  /** Whether the caller got a fallback instead of the error (`ignoreErrors`). */
  readonly ignored: boolean;
}

/** What is told of the connection to the store. */
export interface ConnectionEvent {
  readonly cache: string;
  /** Why the connection ended; absent on `connect` and after `close()`. */
  readonly cause?: unknown;
}

/** What is told of the circuit before the store. */
export interface CircuitEvent {
  readonly cache: string;
  /** `"open"`: calls fail at once. `"closed"`: the server has answered. */
  readonly state: CircuitState;
  /** The failure that opened it. */
  readonly cause?: unknown;
}

/** Whether calls are let through to the store. */
export type CircuitState = "closed" | "open";

/** The events of a cache. No event carries a value or a credential; none has to be listened to. */
export interface CacheEvents {
  /** A read found a value. */
  hit: KeyEvent;
  /** A read found nothing. */
  miss: KeyEvent;
  /** A value was stored. */
  write: KeyEvent;
  /** A key that existed was removed by its name: one told of by a pattern, or with others, is not. */
  delete: KeyEvent;
  /** A call failed, whether its caller saw the error or a fallback. */
  error: ErrorEvent;
  /** The store's connection is up. */
  connect: ConnectionEvent;
  /** The store's connection is gone. */
  disconnect: ConnectionEvent;
  /** The circuit opened, or closed. */
  circuit: CircuitEvent;
}

/** The name of an event. */
export type CacheEventName = keyof CacheEvents;

/** A listener. What it throws is logged, and reaches no caller of the cache. */
export type CacheListener<Name extends CacheEventName> = (event: CacheEvents[Name]) => void;

/** A set of listeners, as given to `createCache`. */
export type CacheListeners = {
  readonly [Name in CacheEventName]?: CacheListener<Name> | undefined;
};

/** What the near cache has counted since it was made, and what it holds now. */
export interface NearStats {
  /** Reads answered without a round trip. They count as `hits` of the cache, too. */
  readonly hits: number;
  /** Reads that had to ask the store, those made while nothing could be kept among them. */
  readonly misses: number;
  /** Entries that had to go for others, because of `maxEntries` or `maxBytes`. */
  readonly evictions: number;
  /** Entries dropped because their key changed elsewhere, expired or was flushed. */
  readonly invalidations: number;
  /** How many entries it holds. */
  readonly entries: number;
  /** What they take, in bytes as stored; keys count by their UTF-16 units. */
  readonly bytes: number;
  /** Whether the server tells of changes now; while it does not, every read asks the store. */
  readonly tracking: boolean;
}

/** What a cache has counted since it was made. */
export interface CacheStats {
  readonly name: string;
  readonly hits: number;
  readonly misses: number;
  /** `hits / (hits + misses)`, 0 before the first read. */
  readonly hitRate: number;
  readonly writes: number;
  readonly deletes: number;
  /** Factories run by `getOrSet`, `getOrSetMany` and `memoize`. */
  readonly loads: number;
  /** Failed calls, ignored ones among them. */
  readonly errors: number;
  readonly ignoredErrors: number;
  /** Calls that are under way now. */
  readonly pending: number;
  /** Whether calls are let through to the store; always `"closed"` on memory. */
  readonly circuit: CircuitState;
  /** Of the near cache, where `nearCache` is on and the location is a server's. */
  readonly near?: NearStats;
}
