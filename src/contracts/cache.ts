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

/** A function whose results the cache keeps. */
export interface Memoized<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<Result>;

  /** Removes the result for these arguments. Returns whether one was stored. */
  invalidate(...args: Args): Promise<boolean>;

  /** Runs the function and stores its result over the cached one. */
  refresh(...args: Args): Promise<Result>;
}

/**
 * An asynchronous cache.
 *
 * When the store fails, every method rejects with a `CacheError`; with `ignoreErrors` it resolves with the fallback
 * named in its comment. Where a call fails for some of its keys, it completes the others: with `ignoreErrors` the
 * failed keys count as misses or as not stored, otherwise the call rejects with the first error, whose `keys`
 * names them.
 *
 * The cache executes the calls of one turn of the event loop in the order you make them, also while a large
 * value is being compressed. Keys are non-empty strings and durations are as in {@link Duration}; anything else is
 * a `TypeError`. After {@link Cache.close} every method rejects with `ClosedError`.
 *
 * @example
 * const cache = createCache({ location: "redis://127.0.0.1:6379" });
 * const user = await cache.getOrSet("user:7", () => loadUser(7), { ttl: "10m" });
 */
export interface Cache {
  /** The name that events, statistics and errors carry. */
  readonly name: string;

  /**
   * Returns the value, or `default` (`undefined` unless given) when the key is absent. A stored `null` returns as
   * `null`. One round trip. Fallback: `default`.
   */
  get<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined>;
  get<T = unknown>(key: string, options: GetOptions<null>): Promise<T | null>;
  get<T>(key: string, options: GetOptions<T>): Promise<T>;
  get<T, D>(key: string, options: GetOptions<D>): Promise<T | D>;

  /** Returns the value. One round trip. @throws CacheMissError when the key is absent, or a store error is ignored */
  getOrThrow<T = unknown>(key: string, options?: KeyOptions): Promise<T>;

  /** Returns the values that exist, in the order of `keys`. One round trip. Fallback: an empty map. */
  getMany<T = unknown>(keys: Iterable<string>, options?: KeyOptions): Promise<Map<string, T>>;

  /**
   * Stores a value. Returns whether it did. With a `ttl` of zero or less it deletes the key and returns whether
   * the key existed; with `nx` as well it writes nothing and returns whether the key was absent.
   * One round trip. Fallback: false.
   *
   * @example
   * await cache.set("job:42", state, { ttl: "5m", nx: true });
   * @throws EncodeError, ValueTooLargeError before it writes anything
   */
  set(key: string, value: unknown, options?: SetOptions): Promise<boolean>;

  /**
   * Stores all entries with one lifetime. Returns the keys that it did not store. With a `ttl` of zero or less it
   * deletes the keys. One round trip per 1,000 entries. Fallback: every key.
   *
   * @example
   * await cache.setMany({ "user:1": ada, "user:2": grace }, { ttl: "1h" });
   * @throws EncodeError, ValueTooLargeError before it writes anything
   */
  setMany(entries: Entries, options?: SetManyOptions): Promise<string[]>;

  /** Stores a value where none exists. Returns whether it did. One round trip, atomic. Fallback: false. */
  add(key: string, value: unknown, options?: AddOptions): Promise<boolean>;

  /**
   * Returns the stored value, or loads, stores and returns it. Concurrent callers of this cache and its views share
   * one read and one load. They share its error, too; the cache never stores an error.
   *
   * A load never overwrites a value that this cache stored after the load began, and never revives a key that
   * this cache deleted meanwhile. A factory that requests its own key waits for itself, for ever. One round trip on
   * a hit, two on a miss. Fallback: the factory's value.
   *
   * @example
   * const page = await cache.getOrSet("page:home", () => render("home"), { ttl: "1m" });
   */
  getOrSet<T>(key: string, valueOrFactory: T | Factory<T>, options?: GetOrSetOptions): Promise<T>;

  /**
   * Returns the stored values, and those that `load` returns for the missing keys, which it stores. The result omits
   * keys that `load` omits. One round trip when nothing is missing, otherwise two. Fallback: what `load` returns.
   *
   * @example
   * const users = await cache.getOrSetMany(ids, async (missing) => new Map(await loadUsers(missing)));
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
   * Returns the value and removes it, atomically. It also removes a value that it cannot decode.
   * One round trip. Fallback: `undefined`.
   */
  take<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined>;

  /**
   * Adds a whole number to a counter and returns the sum, as a `bigint` beyond 2^53. Keeps the lifetime.
   * One round trip, atomic. Fallback: 0.
   *
   * @example
   * const visits = await cache.incr("visits", 1, { ifMissing: "create", ttl: null });
   * @throws CacheMissError, NotAnIntegerError, CounterOverflowError; the key stays as it was
   */
  incr(key: string, delta?: number | bigint, options?: IncrOptions): Promise<number | bigint>;

  /** Like {@link Cache.incr}, but subtracts. */
  decr(key: string, delta?: number | bigint, options?: IncrOptions): Promise<number | bigint>;

  /**
   * Gives an existing key a new lifetime from now, by default the cache's `ttl`. Zero or less removes the key. Returns
   * whether the key existed. Fallback: false.
   */
  touch(key: string, ttl?: Duration, options?: KeyOptions): Promise<boolean>;

  /** Removes the lifetime of a key, so that it never expires. Returns whether it had one. Fallback: false. */
  persist(key: string, options?: KeyOptions): Promise<boolean>;

  /** Like {@link Cache.touch}, with a lifetime that you must name. */
  expire(key: string, ttl: Duration, options?: KeyOptions): Promise<boolean>;

  /**
   * Expires a key at a moment: a `Date`, or unix seconds. A past moment removes the key. Returns whether the key
   * existed. Fallback: false.
   */
  expireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean>;

  /** Like {@link Cache.expire}, in milliseconds. */
  pexpire(key: string, ms: number, options?: KeyOptions): Promise<boolean>;

  /** Like {@link Cache.expireAt}, with unix milliseconds. */
  pexpireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean>;

  /** Returns the seconds left, rounded up: 0 when absent, `null` when it never expires. Fallback: 0. */
  ttl(key: string, options?: KeyOptions): Promise<number | null>;

  /** Returns the milliseconds left: 0 when absent, `null` when it never expires. Fallback: 0. */
  pttl(key: string, options?: KeyOptions): Promise<number | null>;

  /**
   * Moves a value with its remaining lifetime to `version + delta`, and returns that version. One round trip,
   * atomic. Fallback: 0.
   *
   * @throws CacheMissError
   */
  incrVersion(key: string, delta?: number, options?: KeyOptions): Promise<number>;

  /** Like {@link Cache.incrVersion}, downwards. */
  decrVersion(key: string, delta?: number, options?: KeyOptions): Promise<number>;

  /**
   * Returns this cache's keys that match a pattern (`* ? [...]` and `\`), each once, in no particular order.
   * Scans the whole database, one round trip per `scanCount` keys. Fallback: [].
   */
  keys(pattern: string, options?: ScanOptions): Promise<string[]>;

  /**
   * Streams what {@link Cache.keys} returns. It remembers the keys that it has yielded, to yield each once.
   * Fallback: the iteration ends.
   *
   * @example
   * for await (const key of cache.iterKeys("user:*")) console.log(key);
   */
  iterKeys(pattern: string, options?: ScanOptions): AsyncIterableIterator<string>;

  /**
   * Removes this cache's keys that match a pattern, in bounded batches. Returns how many it removed. Scans the whole
   * database: one round trip per `scanCount` keys, and one per batch that matched. Fallback: 0.
   */
  deletePattern(pattern: string, options?: DeletePatternOptions): Promise<number>;

  /**
   * Removes every key of this prefix (or namespace), of all versions, and no others. Keeps locks. Returns how many
   * keys it removed. Costs as much as {@link Cache.deletePattern}. Fallback: 0.
   */
  clear(): Promise<number>;

  /** Removes every key of the database (FLUSHDB), including those of other programs. Fallback: resolves. */
  flushDatabase(): Promise<void>;

  /**
   * Acquires a lock and waits for it as long as `wait`. Always rejects when the store fails.
   *
   * @example
   * await using lock = await cache.lock("report", { ttl: "30s", autoExtend: true });
   * @throws LockTimeoutError when the lock was not free in time
   */
  lock(key: string, options: LockOptions): Promise<Lock>;

  /**
   * Runs `task` under a lock and releases it. When the lock is lost, `signal` aborts and the call rejects with
   * `LockLostError`. Two round trips once the lock is free. Always rejects when the store fails.
   *
   * @throws LockTimeoutError when the lock was not free in time
   */
  withLock<T>(
    key: string,
    options: LockOptions,
    task: (signal: AbortSignal, lock: Lock) => T | Promise<T>,
  ): Promise<T>;

  /**
   * Wraps a function so that the cache keeps its results by its arguments, as {@link Cache.getOrSet} does.
   * Functions of the same name share results: give all but one a `key`, and all of them if you minify names.
   *
   * @example
   * const priceOf = cache.memoize(loadPrice, { ttl: "30s" });
   * await priceOf("EUR");
   * @throws ConfigurationError for an anonymous function without `key`
   */
  memoize<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result | Promise<Result>,
    options?: MemoizeOptions<Args>,
  ): Memoized<Args, Result>;

  /** Returns a view whose keys begin with `name:`. Closing a view closes only that view. */
  namespace(name: string): Cache;

  /** Returns a view of another version. */
  withVersion(version: number): Cache;

  /** Returns the key under which the store keeps the value. */
  storedKey(key: string, options?: KeyOptions): string;

  /** Returns the native client, connected. Always rejects when the store fails. */
  rawClient<Client = unknown>(options?: RawClientOptions): Promise<Client>;

  /** Adds a listener of an event; adding the same one again does nothing. */
  on<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this;

  /** Removes a listener. */
  off<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this;

  /** Returns the counts since `createCache`; views share those of their cache. */
  stats(): CacheStats;

  /** Returns whether the store answers. Fallback: false. */
  ping(): Promise<boolean>;

  /**
   * Waits for the calls under way, then frees what the cache opened. Locks that are still held expire with their
   * lifetime. A second call does nothing.
   */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}
