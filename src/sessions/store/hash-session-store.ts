import type { MaybePromise } from "../../codec/maybe-promise.ts";
import { SessionInterruptedError } from "../../contracts/errors.ts";
import type { RecordFields, RecordLifetime } from "../../contracts/records.ts";
import type { SessionBackend } from "../../contracts/session-backend.ts";
import type {
  FoundSession,
  SessionBase,
  SessionData,
  SessionStore,
  SessionWriting,
} from "../../contracts/session-store.ts";
import { mapInBatches } from "../../kit/batches.ts";
import {
  applyChanges,
  type FieldChanges,
  findChanges,
  hasChanges,
  noChanges,
} from "../field-changes.ts";
import { SessionEnd } from "../session-end.ts";
import { hashOf } from "../session-id.ts";
import { noMetadataChanges } from "../session-metadata.ts";
import type { LoadedSession, SessionRecords } from "../session-records.ts";
import { keepUnchanged } from "./keep-unchanged.ts";

/** The parts of a {@link HashSessionBase}. */
interface BaseParts {
  readonly id: string;
  readonly handle: string;
  readonly end: SessionEnd;
  readonly read: RecordFields;
  /** What this store wrote since. */
  readonly changes: FieldChanges;
}

/** A session as one store read or wrote it. */
class HashSessionBase implements SessionBase {
  readonly id: string;
  readonly handle: string;
  readonly end: SessionEnd;
  readonly #read: RecordFields;
  readonly #changes: FieldChanges;
  readonly #store: HashSessionStore;

  constructor({ id, handle, end, read, changes }: BaseParts, store: HashSessionStore) {
    this.id = id;
    this.handle = handle;
    this.end = end;
    this.#read = read;
    this.#changes = changes;
    this.#store = store;
  }

  /** The fields as they are stored. Made on demand: few requests need them after they have written the session. */
  get stored(): RecordFields {
    return hasChanges(this.#changes) ? applyChanges(this.#read, this.#changes) : this.#read;
  }

  /** Returns `base` if `store` made it. */
  static of(store: HashSessionStore, base: SessionBase | undefined): HashSessionBase | undefined {
    return base instanceof HashSessionBase && base.#store === store ? base : undefined;
  }
}

/** How many sessions a call reads or destroys in parallel. */
const sessionsAtOnce = 500;

const nothing: RecordFields = new Map();
const noNames: ReadonlySet<string> = new Set();
/** A handle here is a plain digest: ids of other packages never move, so they need no slot tag. */
const shapeOfHandle = /^[0-9a-f]{64}$/;

/**
 * Sessions in hashes, one field of the hash per field of the session: parallel requests keep each
 * other's fields, and a destroyed session stays destroyed.
 */
export class HashSessionStore implements SessionStore {
  readonly #backend: SessionBackend;
  readonly #records: SessionRecords;

  constructor(backend: SessionBackend, records: SessionRecords) {
    this.#backend = backend;
    this.#records = records;
  }

  async get(id: string): Promise<FoundSession | undefined> {
    const handle = hashOf(id);
    const loaded = await this.#records.load(handle);
    return loaded && this.#found({ id, handle }, loaded);
  }

  async set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase> {
    const base = this.#baseOf(id, writing);
    const read = base?.stored ?? nothing;
    const finding = this.#changes(definedFields(data), read);
    const changes = finding instanceof Promise ? await finding : finding; // most values are encoded at once
    if (base && !hasChanges(changes)) return this.#unchanged(base, writing);
    this.#records.requireFit(read, changes);
    if (!base) return await this.#put(id, changes, writing);
    if (!(await this.#update(base, changes, writing))) throw new SessionInterruptedError();
    const { handle, end } = base;
    return new HashSessionBase({ id, handle, end, read, changes }, this);
  }

  async touch(id: string, writing: SessionWriting): Promise<boolean> {
    if (!this.needsTouch(id, writing)) return true;
    const { lifetimeMs } = writing;
    const base = this.#baseOf(id, writing);
    const handle = base?.handle ?? hashOf(id);
    const touch = (): Promise<boolean> => this.#records.touch(handle, { ttlMs: lifetimeMs });
    return base ? await base.end.move(lifetimeMs, touch) : await touch();
  }

  needsTouch(id: string, writing: SessionWriting): boolean {
    const base = this.#baseOf(id, writing);
    return !base || base.end.isWorthMoving(writing.lifetimeMs);
  }

  async destroy(id: string): Promise<void> {
    await this.#records.destroy(hashOf(id));
  }

  async all(): Promise<FoundSession[]> {
    const handles = [...(await this.#handles())];
    const loaded = await mapInBatches(handles, sessionsAtOnce, (handle) =>
      this.#records.load(handle),
    );
    const found = loaded.filter((session) => session !== undefined);
    const unknown = { id: "", handle: "" }; // the id cannot be derived from its hash
    return found.map((session) => this.#found(unknown, session));
  }

  async count(): Promise<number> {
    return (await this.#handles()).size;
  }

  async clear(): Promise<void> {
    for await (const handles of this.#batches()) {
      await mapInBatches(handles, sessionsAtOnce, (handle) => this.#records.destroy(handle));
    }
  }

  async #put(
    id: string,
    changes: FieldChanges,
    { lifetimeMs }: SessionWriting,
  ): Promise<SessionBase> {
    const handle = hashOf(id);
    const lifetime = { ttlMs: lifetimeMs };
    await this.#records.put(handle, { fields: changes, metadata: noMetadataChanges, lifetime });
    const end = new SessionEnd(this.#backend.clock, lifetimeMs);
    return new HashSessionBase({ id, handle, end, read: nothing, changes }, this);
  }

  /** Sends a lifetime only if the end would move noticeably: the server has less to do without. */
  #update(
    { handle, end }: HashSessionBase,
    changes: FieldChanges,
    { lifetimeMs }: SessionWriting,
  ): Promise<boolean> {
    const update = (lifetime?: RecordLifetime): Promise<boolean> =>
      this.#records.update(handle, { fields: changes, metadata: noMetadataChanges, lifetime });
    if (!end.isWorthMoving(lifetimeMs)) return update();
    return end.move(lifetimeMs, () => update({ ttlMs: lifetimeMs }));
  }

  async #unchanged(base: HashSessionBase, writing: SessionWriting): Promise<SessionBase> {
    await keepUnchanged(writing, () => this.touch(base.id, writing));
    return base;
  }

  /** Yields the handles of this store's sessions. Sessions of `createSessions` may have the same prefix. */
  async *#batches(): AsyncGenerator<readonly string[]> {
    for await (const handles of this.#records.handles()) {
      yield handles.filter((handle) => shapeOfHandle.test(handle));
    }
  }

  async #handles(): Promise<Set<string>> {
    const all = new Set<string>();
    for await (const handles of this.#batches()) {
      for (const handle of handles) all.add(handle);
    }
    return all;
  }

  #changes(now: ReadonlyMap<string, unknown>, base: RecordFields): MaybePromise<FieldChanges> {
    const comparison = { base, now, written: noNames, suspects: now.keys() };
    return findChanges(this.#backend.codec, comparison);
  }

  #found(
    { id, handle }: Pick<HashSessionBase, "id" | "handle">,
    loaded: LoadedSession,
  ): FoundSession {
    const { stored, remainingMs } = loaded;
    const end = new SessionEnd(this.#backend.clock, remainingMs);
    const base = new HashSessionBase({ id, handle, end, read: stored, changes: noChanges }, this);
    return { data: toData(loaded), remainingMs, base };
  }

  #baseOf(id: string, { base }: SessionWriting): HashSessionBase | undefined {
    const own = HashSessionBase.of(this, base);
    return own?.id === id ? own : undefined;
  }
}

function definedFields(data: SessionData): ReadonlyMap<string, unknown> {
  const fields = new Map<string, unknown>();
  for (const name of Object.keys(data)) {
    const value = data[name];
    if (value !== undefined) fields.set(name, value);
  }
  return fields;
}

/** Leaves out `__proto__`, which would become the prototype when a session package copies the object. */
function toData({ stored, values }: LoadedSession): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  let at = 0;
  for (const name of stored.keys()) {
    const value = values[at++];
    if (name !== "__proto__") data[name] = value;
  }
  return data;
}
