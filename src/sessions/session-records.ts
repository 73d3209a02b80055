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
import { calls } from "./session-calls.ts";
import type { MetadataChanges, StoredMetadata } from "./session-metadata.ts";

/**
 * A session that was read. A class, because V8 pretenures hot object literals, which would keep
 * dead sessions, and all that they hold, reachable until a full collection.
 */
export class LoadedSession {
  /** The fields, as they are stored. */
  readonly stored: RecordFields;
  /** The values of the fields, in the same order. */
  readonly values: unknown[] = [];
  readonly metadata: StoredMetadata;
  readonly remainingMs: number;
  readonly ageMs: number;

  /** Takes a record apart. Decodes no value yet. */
  constructor({ fields, remainingMs, ageMs }: StoredRecord) {
    const { stored, metadata } = takeApart(fields);
    this.stored = stored;
    this.metadata = metadata;
    this.remainingMs = remainingMs;
    this.ageMs = ageMs;
  }

  /** Returns the values by the names of their fields. */
  valuesByName(): Map<string, unknown> {
    const values = new Map<string, unknown>();
    let at = 0;
    for (const name of this.stored.keys()) values.set(name, this.values[at++]);
    return values;
  }
}

/** What to write. */
export interface SessionWrite {
  readonly fields: FieldChanges;
  readonly metadata: MetadataChanges;
  readonly lifetime: RecordLifetime;
}

/** What to write to a session that exists. */
export interface SessionUpdate extends Omit<SessionWrite, "lifetime"> {
  /** Without a lifetime the session's end stays where it is. */
  readonly lifetime?: RecordLifetime | undefined;
}

const theSession = { what: "session", option: "maxBytes" };

/** For how long a handle that a session has left tells a destroy where the session went. */
const rememberMs = 300_000;

/** How many moves a destroy follows. No session gets so many new ids in `rememberMs`. */
const mostMoves = 1_000;

/** Which session a destroy removes. */
export interface DestructionRules {
  /** What the record must hold. */
  readonly condition?: RecordCondition | undefined;
  /** The handle of a session to spare, wherever the destroy comes across it. */
  readonly except?: string | undefined;
}

/** The records of sessions by handle. A handle is made of a hash of the id, so the store never learns an id. */
export class SessionRecords {
  readonly #backend: SessionBackend;
  readonly #keyHead: string;
  readonly #maxBytes: number;

  constructor(backend: SessionBackend, prefix: string, maxBytes: number) {
    this.#backend = backend;
    this.#keyHead = backend.key(prefix);
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns the session, or `undefined` when it is missing or undecodable; the latter emits the
   * cache's `error` event. One round trip, seldom two: see `RecordStore`.
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
      this.#backend.reportIgnored(calls.load, error);
      return undefined;
    }
  }

  /** Stores a new session. Returns false when the handle is taken. */
  create(handle: string, write: SessionWrite): Promise<boolean> {
    const fields = toChange(write).set;
    const { records } = this.#backend;
    return this.#backend.run(calls.save, () =>
      records.create(this.#keyHead + handle, fields, write.lifetime),
    );
  }

  /** Changes a session. Returns false when it no longer exists. */
  update(handle: string, write: SessionUpdate): Promise<boolean> {
    const change = toChange(write);
    const { records } = this.#backend;
    return this.#backend.run(calls.save, () =>
      records.update(this.#keyHead + handle, change, write.lifetime),
    );
  }

  /** Stores a session, over the one there is. */
  async put(handle: string, write: SessionWrite): Promise<void> {
    const fields = toChange(write).set;
    const { records } = this.#backend;
    await this.#backend.run(calls.save, () =>
      records.put(this.#keyHead + handle, fields, write.lifetime),
    );
  }

  /** Gives a session a lifetime. Returns false when it no longer exists. */
  touch(handle: string, lifetime: RecordLifetime): Promise<boolean> {
    const { records } = this.#backend;
    return this.#backend.run(calls.touch, () => records.touch(this.#keyHead + handle, lifetime));
  }

  /** Changes a session and moves it to a new handle. Returns false when it no longer exists. */
  move(from: string, to: string, write: SessionWrite): Promise<boolean> {
    const move = {
      from: this.#keyHead + from,
      to: this.#keyHead + to,
      change: toChange(write),
      lifetime: write.lifetime,
      rememberMs,
    };
    const { records } = this.#backend;
    return this.#backend.run(calls.regenerate, () => records.move(move));
  }

  /**
   * Destroys a session, also when it has moved to a new handle meanwhile. Returns whether it
   * existed. One round trip, and one more per move.
   */
  async destroy(handle: string, { condition, except }: DestructionRules = {}): Promise<boolean> {
    const spared = except === undefined ? undefined : this.#keyHead + except;
    let key: string | undefined = this.#keyHead + handle;
    for (let moves = 0; key !== undefined && key !== spared; moves++) {
      if (moves > mostMoves) throw new Error("The moves of a session lead nowhere.");
      const { destroyed, movedTo }: Destruction = await this.#destroyAt(key, condition);
      if (destroyed) return true;
      key = movedTo;
    }
    return false;
  }

  /** Yields the handles of all sessions, in batches. A session may be yielded twice. */
  async *handles(): AsyncGenerator<readonly string[]> {
    const { records, scanCount } = this.#backend;
    const steps = records.keys(this.#keyHead, { count: scanCount })[Symbol.asyncIterator]();
    for (;;) {
      const step = await this.#backend.run(calls.list, () => steps.next());
      if (step.done) return;
      yield step.value.map((key) => key.slice(this.#keyHead.length));
    }
  }

  /** @throws ValueTooLargeError when the session, once changed, is larger than `maxBytes` */
  requireFit(stored: RecordFields, changes: FieldChanges = noChanges): void {
    // Counting the bytes of text takes time; no character takes more than three.
    if ((lengthOf(stored) + lengthOf(changes.set)) * 3 <= this.#maxBytes) return;
    const sizeBytes = sizeOf(applyChanges(stored, changes));
    if (sizeBytes <= this.#maxBytes) return;
    throw new ValueTooLargeError(this.#maxBytes, sizeBytes, theSession);
  }

  #destroyAt(key: string, condition: RecordCondition | undefined): Promise<Destruction> {
    const { records } = this.#backend;
    return this.#backend.run(calls.destroy, () => records.destroy(key, condition));
  }

  #read(handle: string): Promise<StoredRecord | undefined> {
    const { records } = this.#backend;
    const reading = this.#backend.run(calls.load, () => records.load(this.#keyHead + handle));
    return reading.catch(undefinedForWrongType);
  }

  /** Decodes the values. Returns a promise where some take time; most are there at once. */
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
}

/** The key holds another type, so no session. `run` has emitted the error. */
function undefinedForWrongType(error: unknown): undefined {
  if (!(error instanceof WrongTypeError)) throw error;
}

/*
 * A record has a field `data:<name>` for each field of the session, in the cache's codec, and
 * `meta:<name>` for each item of metadata, as text.
 */
const dataHead = "data:";
const metadataHead = "meta:";

/** Returns the record's field for an item of metadata. */
export function fieldOfMetadata(name: string): string {
  return metadataHead + name;
}

function toChange({ fields, metadata }: SessionUpdate): RecordChange {
  const set = new Map<string, Encoded>();
  const remove = fields.remove.map((name) => dataHead + name);
  for (const [name, value] of fields.set) set.set(dataHead + name, value);
  for (const [name, text] of metadata) {
    if (text === undefined) remove.push(metadataHead + name);
    else set.set(metadataHead + name, text);
  }
  return { set, remove };
}

/** Shared by all sessions without metadata. */
const noMetadata: StoredMetadata = new Map();

function takeApart(fields: RecordFields): {
  readonly stored: RecordFields;
  readonly metadata: StoredMetadata;
} {
  const stored = new Map<string, Encoded>();
  let metadata: Map<string, string> | undefined;
  for (const [field, value] of fields) {
    if (field.startsWith(dataHead)) stored.set(field.slice(dataHead.length), value);
    else if (field.startsWith(metadataHead)) {
      metadata ??= new Map();
      metadata.set(field.slice(metadataHead.length), textOf(value));
    }
  }
  return { stored, metadata: metadata ?? noMetadata };
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
