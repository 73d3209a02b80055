import type { Duration } from "../kit/duration.ts";
import type {
  AddOptions,
  BulkLoader,
  DeletePatternOptions,
  Entries,
  Factory,
  GetOptions,
  GetOrSetOptions,
  IncrOptions,
  KeyOptions,
  LockOptions,
  MemoizeOptions,
  RawClientOptions,
  ScanOptions,
  SetManyOptions,
  SetOptions,
} from "./call-options.ts";
import type { CacheEventName, CacheListener, CacheStats } from "./events.ts";
import type { Lock } from "./lock.ts";

export type * from "./call-options.ts";
export type * from "./lock.ts";

/** A function whose results are cached. */
export interface Memoized<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<Result>;

  /** Forgets the result for these arguments. Returns whether there was one. */
  invalidate(...args: Args): Promise<boolean>;

  /** Runs the function and stores its result, whatever is cached. */
  refresh(...args: Args): Promise<Result>;
}

/**
 * An asynchronous cache.
 *
 * Every method rejects with a `CacheError` when the store fails, or answers the fallback named
 * in its comment where `ignoreErrors` is set. Keys are non-empty strings, durations as in {@link Duration}; anything
 * else is a `TypeError`. After {@link Cache.close} every method rejects with `ClosedError`.
 */
export interface Cache {
  /** The name in events, statistics and errors. */
  readonly name: string;

  /** Returns the value, or `default` (`undefined`) when absent. A stored `null` comes back as `null`. One round trip. */
  get<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined>;
  get<T = unknown>(key: string, options: GetOptions<null>): Promise<T | null>;
  get<T>(key: string, options: GetOptions<T>): Promise<T>;
  get<T, D>(key: string, options: GetOptions<D>): Promise<T | D>;

  /** Returns the value. @throws CacheMissError when absent, or when a store error is ignored */
  getOrThrow<T = unknown>(key: string, options?: KeyOptions): Promise<T>;

  /** Returns the values that exist, in the order of `keys`. One round trip. Fallback: an empty map. */
  getMany<T = unknown>(keys: Iterable<string>, options?: KeyOptions): Promise<Map<string, T>>;

  /**
   * Stores a value. Returns whether it was written. With a `ttl` of zero or less: deletes the key
   * and returns whether it existed; with `nx`, writes nothing and returns whether it was absent.
   * One round trip. Fallback: false.
   *
   * @throws EncodeError, ValueTooLargeError before anything is written
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<boolean>;

  /**
   * Stores all entries with one lifetime. Returns the keys that were not stored. One round trip
   * per 1,000 entries. Fallback: every key.
   *
   * @throws EncodeError, ValueTooLargeError before anything is written
   */
  setMany(entries: Entries, options?: SetManyOptions): Promise<string[]>;

  /** Stores a value where none lives. Returns whether it did. One round trip, atomic. Fallback: false. */
  add(key: string, value: unknown, options?: AddOptions): Promise<boolean>;

  /**
   * Returns the stored value, or makes, stores and returns it. Callers of this cache, and of its
   * views, that arrive meanwhile share one read and one load, and its error, which is not stored. A
   * load never overwrites what was set, nor revives what was deleted through this cache, after it
   * began. A factory that asks for its own key waits for itself, for ever. One round trip on a hit, two on a miss. Fallback: the factory's value.
   */
  getOrSet<T>(key: string, valueOrFactory: T | Factory<T>, options?: GetOrSetOptions): Promise<T>;

  /**
   * Returns the stored values and those that `load` gives for the missing keys, which it stores.
   * Keys that `load` leaves out are left out. One round trip when
   * nothing is missing, else two, or three where values and nulls live differently long. Fallback: what `load` gives.
   */
  getOrSetMany<T>(
    keys: Iterable<string>,
    load: BulkLoader<T>,
    options?: GetOrSetOptions,
  ): Promise<Map<string, T>>;

  /** Returns whether the key exists. One round trip. Fallback: false. */
  has(key: string, options?: KeyOptions): Promise<boolean>;

  /** Removes a key. Returns whether it existed. One round trip. Fallback: false. */
  delete(key: string, options?: KeyOptions): Promise<boolean>;

  /** Removes keys. Returns how many existed. One round trip. Fallback: 0. */
  deleteMany(keys: Iterable<string>, options?: KeyOptions): Promise<number>;

  /**
   * Returns the value and removes it, in one step; a value that cannot be read is removed as well.
   * One round trip. Fallback: `undefined`.
   */
  take<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined>;

  /**
   * Adds a whole number to a counter and returns the sum, as a `bigint` beyond 2^53. The lifetime
   * stays. One round trip, atomic. Fallback: 0.
   *
   * @throws CacheMissError, NotAnIntegerError, CounterOverflowError, leaving the key as it was
   */
  incr(key: string, delta?: number | bigint, options?: IncrOptions): Promise<number | bigint>;

  /** {@link Cache.incr} the other way. */
  decr(key: string, delta?: number | bigint, options?: IncrOptions): Promise<number | bigint>;

  /** Gives an existing key a lifetime from now, by default the cache's own. Zero or less removes it. Returns whether it existed. Fallback: false. */
  touch(key: string, ttl?: Duration, options?: KeyOptions): Promise<boolean>;

  /** Takes the lifetime off a key. Returns whether it had one. Fallback: false. */
  persist(key: string, options?: KeyOptions): Promise<boolean>;

  /** {@link Cache.touch} with a lifetime that must be named. */
  expire(key: string, ttl: Duration, options?: KeyOptions): Promise<boolean>;

  /** Ends a key at a moment (a `Date`, or unix seconds). A past one removes it. Returns whether it existed. Fallback: false. */
  expireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean>;

  /** {@link Cache.expire} in milliseconds. */
  pexpire(key: string, ms: number, options?: KeyOptions): Promise<boolean>;

  /** {@link Cache.expireAt} with unix milliseconds. */
  pexpireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean>;

  /** Returns the seconds left, rounded up: 0 when absent, `null` when it never expires. Fallback: 0. */
  ttl(key: string, options?: KeyOptions): Promise<number | null>;

  /** Returns the milliseconds left: 0 when absent, `null` when it never expires. Fallback: 0. */
  pttl(key: string, options?: KeyOptions): Promise<number | null>;

  /** Moves a value, with its remaining lifetime, to `version + delta`, and returns that. One round trip, atomic. Fallback: 0. @throws CacheMissError */
  incrVersion(key: string, delta?: number, options?: KeyOptions): Promise<number>;

  /** {@link Cache.incrVersion} the other way. */
  decrVersion(key: string, delta?: number, options?: KeyOptions): Promise<number>;

  /**
   * Returns this cache's keys that match a pattern (`* ? [...]` and `\`), each once, in no order.
   * Scans the whole database, a round trip per `scanCount` keys. Fallback: [].
   */
  keys(pattern: string, options?: ScanOptions): Promise<string[]>;

  /** {@link Cache.keys} as a stream; remembers the keys it gave, to give each once. Fallback: it ends. */
  iterKeys(pattern: string, options?: ScanOptions): AsyncIterableIterator<string>;

  /**
   * Removes this cache's keys that match a pattern, in bounded batches. Returns how many. Scans the
   * whole database, a round trip per `scanCount` keys and one per batch that matched. Fallback: 0.
   */
  deletePattern(pattern: string, options?: DeletePatternOptions): Promise<number>;

  /** Removes every key of this prefix (or namespace), of all versions, and no other's. Locks stay. Returns how many. Costs what {@link Cache.deletePattern} does. Fallback: 0. */
  clear(): Promise<number>;

  /** Removes every key of the database (FLUSHDB), other programs' too. Fallback: resolves. */
  flushDatabase(): Promise<void>;

  /**
   * Takes a lock, waiting for it as long as `wait`. Store errors are never ignored.
   *
   * @throws LockTimeoutError when it was not free in time
   */
  lock(key: string, options: LockOptions): Promise<Lock>;

  /**
   * Runs `task` under a lock. `signal` aborts when the lock is lost, and the call then rejects with
   * `LockLostError`. Two round trips once the lock is free.
   *
   * @throws LockTimeoutError when it was not free in time
   */
  withLock<T>(
    key: string,
    options: LockOptions,
    task: (signal: AbortSignal, lock: Lock) => T | Promise<T>,
  ): Promise<T>;

  /**
   * Wraps a function so that its results are cached by its arguments, as {@link Cache.getOrSet} does.
   * Functions of one name share results: give all but one a `key`, and all if names are minified.
   *
   * @throws ConfigurationError for an anonymous function without `key`
   */
  memoize<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result | Promise<Result>,
    options?: MemoizeOptions<Args>,
  ): Memoized<Args, Result>;

  /** Returns a view whose keys begin with `name:`. Closing a view closes the view alone. */
  namespace(name: string): Cache;

  /** Returns a view of another version. */
  withVersion(version: number): Cache;

  /** Returns the key as the store sees it. */
  storedKey(key: string, options?: KeyOptions): string;

  /** Returns the native client, connected. Store errors are never ignored. */
  rawClient<Client = unknown>(options?: RawClientOptions): Promise<Client>;

  /** Listens to an event; the same listener is added once. */
  on<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this;

  /** Stops listening. */
  off<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this;

  /** Returns what was counted since the cache was made; views share their cache's. */
  stats(): CacheStats;

  /** Returns whether the store answers. Fallback: false. */
  ping(): Promise<boolean>;

  /**
   * Waits for the calls under way, then frees what the cache opened. Locks still held end with their
   * lifetime. Twice is harmless.
   */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
