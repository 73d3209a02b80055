import type { Duration } from "../kit/duration.ts";
import type { CacheEventName, CacheListener, CacheStats } from "./events.ts";

/** Options of every method that takes a key. */
export interface KeyOptions {
  /** The version part of the stored key, instead of the cache's own. */
  readonly version?: number | undefined;
}

/** Options of {@link Cache.get}. */
export interface GetOptions<D> extends KeyOptions {
  /** What an absent key answers, instead of `undefined`. */
  readonly default: D;
}

/** Options of {@link Cache.add}. */
export interface AddOptions extends KeyOptions {
  /** The lifetime; `null`: for ever. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;
}

/** Options of {@link Cache.set}. */
export interface SetOptions extends AddOptions {
  /** Write only when the key is absent. Not together with `xx`. */
  readonly nx?: boolean | undefined;

  /** Write only when the key exists. Not together with `nx`. */
  readonly xx?: boolean | undefined;

  /** Leave the lifetime of an existing key as it is. Not together with `ttl`. */
  readonly keepTtl?: boolean | undefined;
}

/** Options of {@link Cache.setMany}. */
export interface SetManyOptions extends AddOptions {}

/** Options of {@link Cache.incr} and {@link Cache.decr}. */
export interface IncrOptions extends KeyOptions {
  /**
   * What happens when the key is absent: `CacheMissError`, or a new counter at `delta`.
   *
   * @default "throw"
   */
  readonly ifMissing?: "throw" | "create" | undefined;

  /** The lifetime of a counter created here. An existing one keeps its own. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;
}

/** Options of {@link Cache.iterKeys}. */
export interface ScanOptions extends KeyOptions {
  /** How many keys the server looks at per step. @default the cache's `scanCount` */
  readonly scanCount?: number | undefined;
}

/** Options of {@link Cache.deletePattern}. */
export interface DeletePatternOptions extends ScanOptions {
  /** Called after each batch with the number of keys deleted so far. */
  readonly onProgress?: ((deleted: number) => void) | undefined;

  /** Stops between two batches; the call then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What a factory of {@link Cache.getOrSet} is given. */
export interface FactoryContext {
  /** The caller's key. */
  readonly key: string;

  /** Aborts when the cache is closed. */
  readonly signal: AbortSignal;

  /** Replaces the lifetime the value is stored with. */
  readonly setTtl: (ttl: Duration) => void;

  /** The value is returned but not stored. */
  readonly skip: () => void;
}

/** Makes the value of {@link Cache.getOrSet}. */
export type Factory<T> = (context: FactoryContext) => T | Promise<T>;

/** Makes the missing values of {@link Cache.getOrSetMany}; keys it has nothing for, it leaves out. */
export type BulkLoader<T> = (
  missing: string[],
  context: {
    /** Aborts when the cache is closed. */
    readonly signal: AbortSignal;
  },
) => Iterable<readonly [string, T]> | Promise<Iterable<readonly [string, T]>>;

/** Options of {@link Cache.getOrSet} and {@link Cache.getOrSetMany}. */
export interface GetOrSetOptions extends KeyOptions {
  /** The lifetime of what the factory gives. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;

  /** The lifetime of `null` and `undefined`. Without it `null` lives for `ttl`, `undefined` is not stored. */
  readonly negativeTtl?: Duration | undefined;

  /**
   * Gives up waiting and rejects with the signal's reason. The load itself goes on.
   */
  readonly signal?: AbortSignal | undefined;

  /** Who shares one load: the callers of this process. @default "process" */
  readonly lock?: "process" | undefined;
}

/** Options of {@link Cache.lock}. */
export interface LockOptions extends KeyOptions {
  /** How long the lock is held unless released or extended. Must be longer than zero and end. */
  readonly ttl: Duration;

  /** How long to wait for it; 0: do not wait. @default "10s" */
  readonly wait?: Duration | undefined;

  /** How long between two attempts, give or take a quarter. @default "100ms" */
  readonly retryDelay?: Duration | undefined;

  /** Sets the lifetime anew at every third of it, until released. @default false */
  readonly autoExtend?: boolean | undefined;
}

/** A lock that is held. */
export interface Lock {
  readonly key: string;
  /** What tells this holder from another. */
  readonly token: string;
  /** Grows with every acquisition of this key; give it to the resource that the lock protects. */
  readonly fence: number;

  /** Aborts with `LockLostError` as its reason once the lock is known to be lost. */
  readonly signal: AbortSignal;

  /**
   * Sets the lifetime anew, to `ttl` or to the one it was taken with. One round trip.
   *
   * @throws LockLostError when it is no longer held
   */
  extend(ttl?: Duration): Promise<void>;

  /** Frees the lock. Returns false when it was already lost. One round trip. */
  release(): Promise<boolean>;

  /** Whether it is held as far as this process can know: not released, not lost, not run out. */
  isHeld(): boolean;

  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link Cache.rawClient}. */
export interface RawClientOptions {
  /** For writing, or only for reading. With one server that is the same. @default true */
  readonly write?: boolean | undefined;
}

/** Options of {@link Cache.memoize}. */
export interface MemoizeOptions<Args extends readonly unknown[]> extends GetOrSetOptions {
  /** The name its keys begin with, or a function that makes the whole key. @default the function's name */
  readonly key?: string | ((...args: Args) => string) | undefined;
}

/** A function whose results are cached. */
export interface Memoized<Args extends readonly unknown[], Result> {
  (...args: Args): Promise<Result>;

  /** Forgets the result for these arguments. Returns whether there was one. */
  invalidate(...args: Args): Promise<boolean>;

  /** Runs the function and stores its result, whatever is cached. */
  refresh(...args: Args): Promise<Result>;
}

/** Entries of {@link Cache.setMany}: pairs, a `Map`, or a plain object. */
export type Entries = Iterable<readonly [string, unknown]> | object;

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
