import type { Duration } from "../kit/duration.ts";

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

/** Entries of {@link Cache.setMany}: pairs, a `Map`, or a plain object. */
export type Entries = Iterable<readonly [string, unknown]> | object;
