import type { Duration } from "../kit/duration.ts";

/** Options of every method that takes a key. */
export interface KeyOptions {
  /** The version part of the stored key. @default the cache's `version` */
  readonly version?: number | undefined;
}

/** Options of {@link Cache.get}. */
export interface GetOptions<D> extends KeyOptions {
  /** What the call returns for an absent key, instead of `undefined`. */
  readonly default: D;
}

/** Options of {@link Cache.add}. */
export interface AddOptions extends KeyOptions {
  /** The lifetime; `null`: the key never expires. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;
}

/** Options of {@link Cache.set}. */
export interface SetOptions extends AddOptions {
  /** Writes only when the key is absent. Excludes `xx`. */
  readonly nx?: boolean | undefined;

  /** Writes only when the key exists. Excludes `nx`. */
  readonly xx?: boolean | undefined;

  /** Keeps the lifetime of an existing key. Excludes `ttl`. */
  readonly keepTtl?: boolean | undefined;
}

/** Options of {@link Cache.setMany}. */
export interface SetManyOptions extends AddOptions {}

/** Options of {@link Cache.incr} and {@link Cache.decr}. */
export interface IncrOptions extends KeyOptions {
  /**
   * What the call does for an absent key: it throws `CacheMissError`, or creates a counter of `delta`.
   *
   * @default "throw"
   */
  readonly ifMissing?: "throw" | "create" | undefined;

  /** The lifetime of a counter that the call creates; an existing one keeps its own. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;
}

/** Options of {@link Cache.iterKeys}. */
export interface ScanOptions extends KeyOptions {
  /** How many keys the server inspects per step. @default the cache's `scanCount` */
  readonly scanCount?: number | undefined;
}

/** Options of {@link Cache.deletePattern}. */
export interface DeletePatternOptions extends ScanOptions {
  /** The cache calls it after each batch, with the number of keys that it has deleted so far. */
  readonly onProgress?: ((deleted: number) => void) | undefined;

  /** Stops the call between two batches; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What {@link Cache.getOrSet} passes to its factory. */
export interface FactoryContext {
  /** The caller's key. */
  readonly key: string;

  /** Aborts when the cache closes. */
  readonly signal: AbortSignal;

  /** Replaces the lifetime of the stored value. */
  readonly setTtl: (ttl: Duration) => void;

  /** Returns the value to the callers without storing it. */
  readonly skip: () => void;
}

/** Loads the value of {@link Cache.getOrSet}. */
export type Factory<T> = (context: FactoryContext) => T | Promise<T>;

/** Loads the missing values of {@link Cache.getOrSetMany}; it omits keys that it has no value for. */
export type BulkLoader<T> = (
  missing: string[],
  context: {
    /** Aborts when the cache closes. */
    readonly signal: AbortSignal;
  },
) => Iterable<readonly [string, T]> | Promise<Iterable<readonly [string, T]>>;

/** Options of {@link Cache.getOrSet} and {@link Cache.getOrSetMany}. */
export interface GetOrSetOptions extends KeyOptions {
  /** The lifetime of what the factory returns. @default the cache's `ttl` */
  readonly ttl?: Duration | undefined;

  /** The lifetime of `null` and `undefined`. Without it the cache stores `null` for `ttl`, `undefined` not at all. */
  readonly negativeTtl?: Duration | undefined;

  /** Stops waiting: the call rejects with the signal's reason. The load continues. */
  readonly signal?: AbortSignal | undefined;

  /** Which callers share one load: those of this process. @default "process" */
  readonly lock?: "process" | undefined;
}

/** Options of {@link Cache.lock}. */
export interface LockOptions extends KeyOptions {
  /** How long the lock lasts unless you release or extend it. More than zero, and not `null`. */
  readonly ttl: Duration;

  /** How long to wait for the lock; `0`: not at all. @default "10s" */
  readonly wait?: Duration | undefined;

  /** The pause between two attempts, give or take a quarter. @default "100ms" */
  readonly retryDelay?: Duration | undefined;

  /** Extends the lock at every third of its lifetime, until you release it. @default false */
  readonly autoExtend?: boolean | undefined;
}

/** Options of {@link Cache.rawClient}. */
export interface RawClientOptions {
  /** Whether you write with it, or only read. With one server that is the same client. @default true */
  readonly write?: boolean | undefined;
}

/** Options of {@link Cache.memoize}. */
export interface MemoizeOptions<Args extends readonly unknown[]> extends GetOrSetOptions {
  /** What its keys begin with, or a function that returns the whole key. @default the function's name */
  readonly key?: string | ((...args: Args) => string) | undefined;
}

/** Entries of {@link Cache.setMany}: pairs, a `Map`, or a plain object. */
export type Entries = Iterable<readonly [string, unknown]> | object;
