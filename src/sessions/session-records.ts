import { storedBytes } from "../codec/envelope.ts";
import { withRejectionHandled } from "../codec/maybe-promise.ts";
import { CacheError, ValueTooLargeError, WrongTypeError } from "../contracts/errors.ts";
import type {
  Destruction,
  RecordChange,
  RecordCondition,
  RecordFields,
  RecordLifetime,
  StoredRecord,
} from "../contracts/records.ts";
import type { Encoded } from "../contracts/serializer.ts";
import type { SessionBackend } from "../contracts/session-backend.ts";
import { applyChanges, type FieldChanges, noChanges } from "./field-changes.ts";
import { hashOf } from "./session-id.ts";

/**
 * A session as it was read. A class, for its speed: V8 comes to make objects from literals old at once where
 * many outlive a collection, and such an old one, dead or not, keeps all that it holds from being collected.
 */
export class LoadedSession {
  /** What the session's users put in, as it was stored. */
  readonly stored: RecordFields;
  /** The same, decoded, in the same order. */
  readonly values: unknown[] = [];
  /** What this library notes beside it. */
  readonly notes: ReadonlyMap<string, string>;
  readonly remainingMs: number;
  readonly ageMs: number;

  /** Of a record, whose values are to be decoded yet. */
  constructor({ fields, remainingMs, ageMs }: StoredRecord) {
    const { stored, notes } = takeApart(fields);
    this.stored = stored;
    this.notes = notes;
    this.remainingMs = remainingMs;
    this.ageMs = ageMs;
  }

  /** Returns the values by the names of their fields. */
  valuesByName(): Map<string, unknown> {
    const names = [...this.stored.keys()];
    return new Map(names.map((name, at) => [name, this.values[at]]));
  }
}

/** What to write. */
export interface SessionWrite {
  readonly fields: FieldChanges;
  /** Notes to write beside them; `undefined` removes one. */
  readonly notes: ReadonlyMap<string, string | undefined>;
  readonly lifetime: RecordLifetime;
}

/** What to write to a session that is there. */
export interface SessionUpdate extends Omit<SessionWrite, "lifetime"> {
  /** Without one its life stays as it is. */
  readonly lifetime?: RecordLifetime | undefined;
}

const theSession = { what: "session", option: "maxBytes" };
const shapeOfHandle = /^[0-9a-f]{64}$/;

/** How long a record that got a new id tells those who destroy the old one where it went. */
const rememberMs = 300_000;

/** How often a record may have got a new id meanwhile; more are no session's doing. */
const mostMoves = 1_000;

/** Which session a destruction means. */
export interface DestructionRules {
  /** What it must hold. */
  readonly condition?: RecordCondition | undefined;
  /** The handle of a session that is left alive, wherever its trace is met. */
  readonly except?: string | undefined;
}

/** Session records by their handles: the SHA-256 of an id, so that the store never learns an id. */
export class SessionRecords {
  readonly #backend: SessionBackend;
  readonly #prefix: string;
  readonly #maxBytes: number;

  constructor(backend: SessionBackend, prefix: string, maxBytes: number) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns the session, or `undefined` where there is none, or what there is cannot be read, which is
   * told as an error of the cache. One round trip, seldom two: see `RecordStore`.
   */
  async load(handle: string): Promise<LoadedSession | undefined> {
    const record = await this.#read(handle);
    if (!record) return undefined;
    try {
      const loaded = new LoadedSession(record);
      this.requireFit(loaded.stored);
      const decoding = this.#decode(loaded);
      if (decoding) await decoding;
      return loaded;
    } catch (error) {
      if (!(error instanceof CacheError)) throw error;
      this.#backend.reportIgnored("sessions.load", error);
      return undefined;
    }
  }

  /** Stores a new session. Returns false where the handle is taken. */
  create(handle: string, write: SessionWrite): Promise<boolean> {
    const fields = toChange(write).set;
    const { records } = this.#backend;
    return this.#backend.run("sessions.save", () =>
      records.create(this.#key(handle), fields, write.lifetime),
    );
  }

  /** Changes a session. Returns false where it lives no more. */
  update(handle: string, write: SessionUpdate): Promise<boolean> {
    const change = toChange(write);
    const { records } = this.#backend;
    return this.#backend.run("sessions.save", () =>
      records.update(this.#key(handle), change, write.lifetime),
    );
  }

  /** Stores a session over whatever there is. */
  async put(handle: string, write: SessionWrite): Promise<void> {
    const fields = toChange(write).set;
    const { records } = this.#backend;
    await this.#backend.run("sessions.save", () =>
      records.put(this.#key(handle), fields, write.lifetime),
    );
  }

  /** Gives a session a lifetime. Returns false where it lives no more. */
  touch(handle: string, lifetime: RecordLifetime): Promise<boolean> {
    return this.#backend.run("sessions.touch", () =>
      this.#backend.records.touch(this.#key(handle), lifetime),
    );
  }

  /** Changes a session and gives it a new handle. Returns false where it lives no more. */
  move(from: string, to: string, write: SessionWrite): Promise<boolean> {
    const move = { from: this.#key(from), to: this.#key(to), change: toChange(write), rememberMs };
    const { records } = this.#backend;
    return this.#backend.run("sessions.regenerate", () =>
      records.move({ ...move, lifetime: write.lifetime }),
    );
  }

  /**
   * Destroys a session, also where it was given a new handle meanwhile. Returns whether there was one.
   * One round trip, and one more per new handle.
   */
  async destroy(handle: string, { condition, except }: DestructionRules = {}): Promise<boolean> {
    const spared = except === undefined ? undefined : this.#key(except);
    let key: string | undefined = this.#key(handle);
    for (let moves = 0; key !== undefined && key !== spared; moves++) {
      if (moves > mostMoves) throw new Error("The traces of a session's new ids lead nowhere.");
      const { destroyed, movedTo }: Destruction = await this.#destroyAt(key, condition);
      if (destroyed) return true;
      key = movedTo;
    }
    return false;
  }

  /** Yields the handles of all sessions, in batches; a session may come twice. */
  async *handles(): AsyncGenerator<readonly string[]> {
    const prefix = this.#key("");
    const { records, scanCount } = this.#backend;
    const steps = records.keys(prefix, { count: scanCount })[Symbol.asyncIterator]();
    for (;;) {
      const step = await this.#backend.run("sessions.list", () => steps.next());
      if (step.done) return;
      const names = step.value.map((key) => key.slice(prefix.length));
      yield names.filter((name) => shapeOfHandle.test(name));
    }
  }

  /** @throws ValueTooLargeError where what a session is made of, once changed, is larger than it may be */
  requireFit(stored: RecordFields, changes: FieldChanges = noChanges): void {
    // Counting the bytes of text takes time; no character takes more than three.
    if ((lengthOf(stored) + lengthOf(changes.set)) * 3 <= this.#maxBytes) return;
    const sizeBytes = sizeOf(applyChanges(stored, changes));
    if (sizeBytes <= this.#maxBytes) return;
    throw new ValueTooLargeError(this.#maxBytes, sizeBytes, theSession);
  }

  #destroyAt(key: string, condition: RecordCondition | undefined): Promise<Destruction> {
    return this.#backend.run("sessions.destroy", () =>
      this.#backend.records.destroy(key, condition),
    );
  }

  #read(handle: string): Promise<StoredRecord | undefined> {
    const key = this.#key(handle);
    const reading = this.#backend.run("sessions.load", () => this.#backend.records.load(key));
    return reading.catch(undefinedForWrongType);
  }

  /** Returns what has to be waited for; most values are there at once. */
  #decode({ stored, values }: LoadedSession): Promise<unknown> | undefined {
    const late: Promise<unknown>[] = [];
    for (const text of stored.values()) {
      const at = values.length;
      const value = this.#backend.codec.decode(text);
      values.push(value);
      if (!(value instanceof Promise)) continue;
      const keep = (it: unknown): void => {
        values[at] = it;
      };
      late.push(withRejectionHandled(value.then(keep)));
    }
    return late.length > 0 ? Promise.all(late) : undefined;
  }

  #key(handle: string): string {
    return this.#backend.key(this.#prefix + handle);
  }
}

/** What lies there is no record; the run has told of it. */
function undefinedForWrongType(error: unknown): undefined {
  if (!(error instanceof WrongTypeError)) throw error;
}

/** Returns the handle of a session: what an id is stored under. */
export function handleOf(id: string): string {
  return hashOf(id);
}

/*
 * The record's fields: `data:` and the name of what the session's users put in, `note:` and the
 * name of what this library notes beside it, as text.
 */
const dataHead = "data:";
const noteHead = "note:";

/** The field that a note is stored in. */
export function fieldOfNote(name: string): string {
  return noteHead + name;
}

function toChange({ fields, notes }: SessionUpdate): RecordChange {
  const set = new Map<string, Encoded>();
  const remove = fields.remove.map((name) => dataHead + name);
  for (const [name, value] of fields.set) set.set(dataHead + name, value);
  for (const [name, text] of notes) {
    if (text === undefined) remove.push(noteHead + name);
    else set.set(noteHead + name, text);
  }
  return { set, remove };
}

/** Sessions of other packages have none. */
const noNotes: ReadonlyMap<string, string> = new Map();

function takeApart(fields: RecordFields): {
  readonly stored: RecordFields;
  readonly notes: ReadonlyMap<string, string>;
} {
  const stored = new Map<string, Encoded>();
  let notes: Map<string, string> | undefined;
  for (const [field, value] of fields) {
    if (field.startsWith(dataHead)) stored.set(field.slice(dataHead.length), value);
    else if (field.startsWith(noteHead)) {
      notes ??= new Map();
      notes.set(field.slice(noteHead.length), textOf(value));
    }
  }
  return { stored, notes: notes ?? noNotes };
}

function textOf(value: Encoded): string {
  return typeof value === "string" ? value : Buffer.from(value).toString();
}

/** In characters, or bytes. */
function lengthOf(fields: RecordFields): number {
  let length = 0;
  for (const [name, value] of fields) length += name.length + value.length;
  return length;
}

function sizeOf(fields: RecordFields): number {
  let sizeBytes = 0;
  for (const [name, value] of fields) sizeBytes += Buffer.byteLength(name) + storedBytes(value);
  return sizeBytes;
}
