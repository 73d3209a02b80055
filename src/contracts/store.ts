import type { Encoded } from "./serializer.ts";

/** How long a write lives. `"forever"` is spelled out, so a forgotten ttl never means it. */
export type Lifetime = { readonly ttlMs: number } | "forever";

/** Where and how long an entry is written. */
export interface EntryRules {
  /** The lifetime given; longer than nothing. */
  readonly lifetime: Lifetime;

  /** Writes only where nothing lives (`"absent"`) or only where something does (`"present"`). */
  readonly condition?: "absent" | "present" | undefined;
}

/** Where and how long one write lives. With `keepTtl`, `lifetime` goes only to a key that did not exist. */
export interface WriteRules extends EntryRules {
  /** An existing key keeps the lifetime it has. */
  readonly keepTtl?: boolean | undefined;
}

/** One write among many, with rules of its own; entries may share the object. */
export interface WriteEntry {
  readonly key: string;
  readonly bytes: Encoded;
  readonly rules: EntryRules;
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

/** What a read of one key answered: what lives there, `undefined` where nothing does, or why the store cannot tell. */
export type ReadReply = Encoded | Error | undefined;

/** What a write of one key among many answered: whether it was written, or why the store cannot tell. */
export type WriteReply = boolean | Error;

/** Reads that leave together. */
export interface ReadBatch {
  /** Resolves with the replies in the order of the places. Rejects where all of them failed together. */
  readonly replies: Promise<readonly ReadReply[]>;

  /** The place of the key that joined last. Read it synchronously, with `replies`: the next key moves it. */
  readonly place: number;
}

/** Reads of one turn of the event loop that leave together. */
export interface SharedReads {
  /** Fast path for hot reads: adds the key to the batch being collected and returns that batch. One promise serves all who join. */
  join(key: string): ReadBatch;
}

/** What a removal of several keys came to. */
export interface Deletion {
  /** How many keys existed and are gone. */
  readonly deleted: number;

  /** The keys that the store could not remove, or may not have removed, and why. */
  readonly failed: ReadonlyMap<string, Error>;
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

  /** {@link Store.get} for callers who read very often; `undefined` where reads do not travel together. */
  readonly sharedReads?: SharedReads | undefined;

  /**
   * Returns what lives under each key, in the order of `keys`, or that key's failure. A key of another type is
   * absent. Rejects where every key failed.
   */
  getMany(keys: readonly string[]): Promise<readonly ReadReply[]>;

  /** Writes, where `rules.condition` allows. Returns whether it wrote. */
  set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean>;

  /**
   * Writes each entry, where its condition allows. Returns of each entry whether it was written, or its failure.
   * Rejects where every entry failed. Each write is atomic, not their sum. One round trip.
   */
  setMany(entries: readonly WriteEntry[]): Promise<readonly WriteReply[]>;

  /** Returns what lived under `key` and removes it, in one step. */
  take(key: string): Promise<Encoded | undefined>;

  /** Returns whether something lives under `key`. */
  has(key: string): Promise<boolean>;

  /** Removes the keys. Rejects where every key failed. One round trip. */
  delete(keys: readonly string[]): Promise<Deletion>;

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
