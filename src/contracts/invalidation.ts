import type { Encoded } from "./serializer.ts";

/**
 * Told which stored keys change, by whatever program. "Stored key" is the whole key in the store.
 *
 * What was read before a change is told may be old; what was read after it is not older than that
 * change. Moments are on the clock of `performance.now()`.
 */
export interface InvalidationListener {
  /** Invalidations are complete until `untilMs`; after that the cache must assume that it missed some. */
  trustedUntil(untilMs: number): void;

  /** The key was written, removed, or given another lifetime. */
  invalidated(storedKey: string): void;

  /** Any key may have changed, as by a flush. Later changes are told. */
  flushed(): void;

  /** Changes are told no longer: any key may change unheard, until `trustedUntil` is called again. */
  lostTrack(): void;

  /** Changes cannot be told: the server, or the client, does not offer it, or does not allow it. */
  refused(error: Error): void;
}

/** A place that tells which stored keys change. On a cluster it tells only while all its nodes do. */
export interface Invalidations {
  /**
   * Begins to tell `listener`, unless it does so already, is about to, or failed a moment ago.
   * Returns at once and never throws: called before every read, it costs next to nothing.
   */
  follow(listener: InvalidationListener): void;

  /** Ends it, and frees what was opened. Calling it again does nothing. */
  close(): Promise<void>;
}

/** A value, and how long it has left. */
export interface ValueWithTtl {
  readonly bytes: Encoded;
  /** The milliseconds left from the moment of the read, never more than the store grants; `null`: it never expires. */
  readonly remainingMs: number | null;
}

/** Reads that return the remaining lifetime beside each value. Each is one round trip. */
export interface ReadsWithTtl {
  /** Returns what lives under `key`, or `undefined`. Rejects with `WrongTypeError` where another type lives there. */
  getWithTtl(key: string): Promise<ValueWithTtl | undefined>;

  /**
   * Returns what lives under each key, in the order of `keys`, or that key's failure. A key of another type is
   * absent. Rejects where every key failed.
   */
  getManyWithTtl(keys: readonly string[]): Promise<readonly (ValueWithTtl | Error | undefined)[]>;
}

/** What it takes to keep values near, offered by backends that other programs write to. */
export interface NearSource {
  readonly reads: ReadsWithTtl;

  /** Returns what tells of changes. Connects to nothing yet. @throws ConfigurationError where the client cannot */
  invalidations(scope: InvalidationScope): Invalidations;
}

/** Which keys are to be told of. */
export interface InvalidationScope {
  /** What their stored keys begin with; `undefined`: all keys of the server. */
  readonly prefix: string | undefined;
}
