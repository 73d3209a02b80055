import type { Encoded } from "./serializer.ts";
import type { ScanRules } from "./store.ts";

/** The fields of a record by name. No name begins with `#`: those are the store's own. */
export type RecordFields = ReadonlyMap<string, Encoded>;

/** A record that was read. */
export interface StoredRecord {
  readonly fields: RecordFields;
  /** The milliseconds until its end, by the store's clock. At least 1. */
  readonly remainingMs: number;
  /** The milliseconds since it was created, by the store's clock. Moving it does not begin anew. */
  readonly ageMs: number;
}

/** What a write does to single fields; all others stay as they are. */
export interface RecordChange {
  readonly set: RecordFields;
  readonly remove: readonly string[];
}

/** How long a record lives from now on: until the earliest of the ends given, of which there is at least one. */
export interface RecordLifetime {
  /** From now. */
  readonly ttlMs?: number | undefined;
  /** A moment, in unix milliseconds. */
  readonly untilMs?: number | undefined;
  /** From when the record was created. */
  readonly maxAgeMs?: number | undefined;
}

/** A field and what it must hold, as text. */
export interface RecordCondition {
  readonly field: string;
  readonly text: string;
}

/** What became of a record that was to be destroyed. */
export interface Destruction {
  /** Whether there was one, and now is none. */
  readonly destroyed: boolean;
  /** Where it had been moved to, a while ago at most: it lives on there. */
  readonly movedTo?: string | undefined;
}

/**
 * A place for records: named fields that live and die together, and change one by one.
 *
 * Each method is atomic and one round trip; a `load` may take a second one. A lifetime that is over removes the
 * record. A record that was destroyed, has expired or was moved away lives no more; only `create`, `put` and a
 * move to it ever bring a key to life. A key that holds another type rejects with `WrongTypeError`.
 */
export interface RecordStore {
  /** Returns the record, or `undefined` where none lives. */
  load(key: string): Promise<StoredRecord | undefined>;

  /** Stores a record where nothing lies, not even the trace of one that was moved. Returns whether it did. */
  create(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<boolean>;

  /** Changes fields of a living record, and gives it a lifetime, where one is given. Returns false where none lives. */
  update(key: string, change: RecordChange, lifetime?: RecordLifetime): Promise<boolean>;

  /** Stores a record over whatever lies there. One that lived keeps its age. */
  put(key: string, fields: RecordFields, lifetime: RecordLifetime): Promise<void>;

  /** Gives a living record a lifetime and writes nothing else. Returns false where none lives. */
  touch(key: string, lifetime: RecordLifetime): Promise<boolean>;

  /** Changes a living record and moves it to a free key. Returns false where none lives, `to` is taken, or the lifetime is over. */
  move(move: RecordMove): Promise<boolean>;

  /**
   * Walks the keys that begin with `prefix`, a batch, which may be empty, per round trip. A key that lives through the
   * whole walk is seen at least once, and may be seen twice; one that was moved away may be seen.
   */
  keys(prefix: string, rules: ScanRules): AsyncIterable<readonly string[]>;

  /** Removes the record, where `condition` holds. */
  destroy(key: string, condition?: RecordCondition): Promise<Destruction>;
}

/** From where to where a record moves, and what changes on its way. */
export interface RecordMove {
  readonly from: string;
  readonly to: string;
  readonly change: RecordChange;
  readonly lifetime: RecordLifetime;
  /** How long `from` remembers where its record went, in milliseconds. */
  readonly rememberMs: number;
}

/**
 * Sets of members, each of which stays until its lease is over. A set without members takes no room.
 * Each method is atomic and one round trip.
 */
export interface MemberIndex {
  /** Adds a member, or renews its lease, and drops those whose lease is over. */
  add(key: string, member: string, leaseMs: number): Promise<void>;

  /** Removes members; of more than 250, some may be gone before the others. */
  remove(key: string, members: readonly string[]): Promise<void>;

  /** Returns the members; some may have outlived their lease. */
  members(key: string): Promise<readonly string[]>;
}
