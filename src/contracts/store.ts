import type { Encoded } from "./serializer.ts";

/** How long a write lives. `"forever"` is spelled out, so a forgotten ttl never means it. */
export type Lifetime = { readonly ttlMs: number } | "forever";

/** Where and how long several writes live. */
export interface BulkRules {
  /** The lifetime given; longer than nothing. */
  readonly lifetime: Lifetime;

  /** Writes only where nothing lives (`"absent"`) or only where something does (`"present"`). */
  readonly condition?: "absent" | "present" | undefined;
}

/** Where and how long one write lives. With `keepTtl`, `lifetime` goes only to a key that did not exist. */
export interface WriteRules extends BulkRules {
  /** An existing key keeps the lifetime it has. */
  readonly keepTtl?: boolean | undefined;
}

/** What a counter does with a key that does not exist. */
export interface CountRules {
  /**
   * The lifetime of a counter that has to be created; zero or less: it is counted and not kept;
   * `undefined`: an absent key is not created.
   */
  readonly createWith?: Lifetime | undefined;
}

/** How a scan walks. */
export interface ScanRules {
  /** How many keys the server looks at per step. A hint, not a limit. */
  readonly count: number;
}

/** How a counter could not be counted; the key and its lifetime are as they were. */
export type CountFailure = "absent" | "not-an-integer" | "overflow";

/** What one key of a shared read came to: what lives there, nothing, or why that cannot be told. */
export type ReadReply = Encoded | Error | undefined;

/** Reads of several keys that are asked and answered together. */
export interface SharedRead {
  /** Takes a read in. Returns the place of its reply among `replies`, which is to be asked for at once. */
  join(key: string): number;

  /** Those that the last read to join is among. Rejects where the store does not answer. */
  readonly replies: Promise<readonly ReadReply[]>;
}

/**
 * A place that keeps text or bytes under string keys.
 *
 * A store knows nothing of values, namespaces or retries: it gets finished keys and finished
 * bytes. Each method is atomic and one round trip unless it says otherwise, so the whole contract
 * is required: a verb emulated out of two others would not be atomic. Failures reject with
 * the errors of `errors.ts`; a key that holds another type rejects with `WrongTypeError`.
 */
export interface Store {
  /** Short stable name used in events, spans and error messages. */
  readonly name: string;

  /** Returns what lives under `key`, or `undefined` when nothing does. */
  get(key: string): Promise<Encoded | undefined>;

  /**
   * {@link Store.get} for who reads very often: returns the read that is about to leave, to be joined at once.
   * One promise then serves all who join. Not there where reads do not travel together.
   */
  sharedReadFor?(key: string): SharedRead | undefined;

  /** Returns what lives under each key, in the order of `keys`. A key of another type is absent. */
  getMany(keys: readonly string[]): Promise<(Encoded | undefined)[]>;

  /** Writes, where `rules.condition` allows. Returns whether it wrote. */
  set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean>;

  /**
   * Writes each entry, where `rules.condition` allows. Returns of each whether it was written.
   * Each write is atomic, not their sum. One round trip.
   */
  setMany(
    entries: readonly (readonly [string, Encoded])[],
    rules: BulkRules,
  ): Promise<readonly boolean[]>;

  /** Returns what lived under `key` and removes it, in one step. */
  take(key: string): Promise<Encoded | undefined>;

  /** Returns whether something lives under `key`. */
  has(key: string): Promise<boolean>;

  /** Removes the keys. Returns how many existed. One round trip. */
  delete(keys: readonly string[]): Promise<number>;

  /**
   * Adds `delta` to the decimal integer under `key` and returns the sum. Its lifetime stays.
   * An absent key counts from zero and gets `createWith`, or answers `"absent"`.
   */
  count(key: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure>;

  /** Gives an existing key a lifetime from now. Zero or less removes it. Returns whether it existed. */
  expire(key: string, lifetime: Lifetime): Promise<boolean>;

  /** Gives an existing key an end, in unix milliseconds. A past one removes it. Returns whether it existed. */
  expireAt(key: string, unixMs: number): Promise<boolean>;

  /** Takes the lifetime off a key. Returns whether it had one. */
  persist(key: string): Promise<boolean>;

  /** Returns the milliseconds left: at least 1 for a living key, 0 when absent, `null` when endless. */
  remainingMs(key: string): Promise<number | null>;

  /** Moves a value with its lifetime, over whatever lives under `to`. Returns whether `from` existed. */
  rename(from: string, to: string): Promise<boolean>;

  /**
   * Walks the keys that match a Redis glob, a batch, which may be empty, per round trip. A key that lives through the
   * whole walk is seen at least once, and may be seen twice.
   */
  scan(pattern: string, rules: ScanRules): AsyncIterable<readonly string[]>;

  /** Removes every key of the database, other prefixes' too. */
  flush(): Promise<void>;

  /** Resolves when the store answers. */
  ping(): Promise<void>;
}
