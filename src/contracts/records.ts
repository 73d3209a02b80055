import type { Encoded } from "./serializer.ts";
import type { ScanRules } from "./store.ts";

/** The fields of a record by name. Names that begin with `#` belong to the store. */
export type RecordFields = ReadonlyMap<string, Encoded>;

/** A record as a load returns it. */
export interface StoredRecord {
  readonly fields: RecordFields;
  /** The milliseconds until its end, by the store's clock. At least 1. */
  readonly remainingMs: number;
  /** The milliseconds since it was created, by the store's clock. A move does not reset them. */
  readonly ageMs: number;
}

/** The fields that a write sets and removes. All others stay as they are. */
export interface RecordChange {
  readonly set: RecordFields;
  readonly remove: readonly string[];
}

/** How long a record lives from now on: until the earliest of these ends. At least one is given. */
export interface RecordLifetime {
  /** Milliseconds from now. */
  readonly ttlMs?: number | undefined;
  /** A date, in unix milliseconds. */
  readonly untilMs?: number | undefined;
  /** Milliseconds from the creation of the record. */
  readonly maxAgeMs?: number | undefined;
}

/** A field, and the text that it must hold. */
export interface RecordCondition {
  readonly field: string;
  readonly text: string;
}

/** The outcome of a destroy. */
export interface Destruction {
  /** Whether this call removed a record. */
  readonly destroyed: boolean;
  /** The key that the record moved to, if the trace of the move is still there. It lives on under that key. */
  readonly movedTo?: string | undefined;
}

/**
 * Stores records: sets of named fields that expire together and change one by one.
 *
 * Each method is atomic and one round trip; a `load` may take a second one. A lifetime that has passed
 * removes the record. A record that was destroyed, expired or moved away is gone; only `create`, `put`
 * and a move to its key bring a key to life. A key of another type rejects with `WrongTypeError`.
 */
export interface RecordStore {
  /** Returns the record, or `undefined` when there is none. */
  load(key: string): Promise<StoredRecord | undefined>;

  /** Stores a record unless the key holds anything, a trace of a move included. Returns whether it did. */
  create(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<boolean>;

  /** Changes fields of a record, and its lifetime if one is given. Returns false when there is no record. */
  update(key: string, change: RecordChange, lifetime?: RecordLifetime): Promise<boolean>;

  /** Stores a record over whatever the key holds. A record that was there keeps its age. */
  put(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<void>;

  /** Sets the lifetime of a record and writes nothing else. Returns false when there is no record. */
  touch(key: string, lifetime: RecordLifetime): Promise<boolean>;

  /**
   * Changes a record and moves it to a free key. Returns false when there is no record, `to` is taken,
   * or the lifetime has passed. On a cluster both keys must hash to one slot.
   */
  move(move: RecordMove): Promise<boolean>;

  /**
   * Yields the keys that begin with `prefix`, one batch per round trip; a batch may be empty. A key that
   * exists during the whole walk is yielded once or twice; a key that its record has left may be yielded.
   */
  keys(prefix: string, rules: ScanRules): AsyncIterable<readonly string[]>;

  /** Removes the record if `condition` holds. */
  destroy(key: string, condition?: RecordCondition): Promise<Destruction>;
}

/** A move of a record, and the changes made with it. */
export interface RecordMove {
  readonly from: string;
  readonly to: string;
  readonly change: RecordChange;
  readonly lifetime: RecordLifetime;
  /** For how many milliseconds `from` keeps a trace of where its record went. */
  readonly rememberMs: number;
}

/**
 * Sets whose members expire one by one. An empty set takes no room. Each method is atomic and one
 * round trip.
 */
export interface MemberIndex {
  /** Adds a member or renews its lifetime, and drops the expired members. */
  add(key: string, member: string, ttlMs: number): Promise<void>;

  /** Removes members. More than 250 go in several commands, so some are gone before the others. */
  remove(key: string, members: readonly string[]): Promise<void>;

  /** Returns the members, maybe with expired ones that no `add` has dropped yet. */
  members(key: string): Promise<readonly string[]>;
}
