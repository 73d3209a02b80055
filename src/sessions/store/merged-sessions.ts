import type { MaybePromise } from "../../codec/maybe-promise.ts";
import { SessionInterruptedError } from "../../contracts/errors.ts";
import type { RecordAccess } from "../../contracts/record-access.ts";
import type { RecordFields } from "../../contracts/records.ts";
import type {
  FoundSession,
  SessionBase,
  SessionData,
  SessionStore,
  SessionWriting,
} from "../../contracts/session-store.ts";
import { mapInBatches } from "../../kit/batches.ts";
import { isWorthExtending } from "../extending.ts";
import { applyChanges, type FieldChanges, findChanges, hasChanges } from "../field-changes.ts";
import { handleOf, type LoadedSession, type SessionRecords } from "../session-records.ts";
import { keepUnchanged } from "./keep-unchanged.ts";

/** Which session, and what is stored of it. */
interface Known {
  readonly id: string;
  readonly handle: string;
  readonly read: RecordFields;
  /** What was stored since. */
  readonly changes?: FieldChanges;
}

/** A session as one store read or stored it. */
class MergedBase implements SessionBase {
  readonly id: string;
  readonly handle: string;
  readonly endsAtMs: number;
  readonly #read: RecordFields;
  readonly #changes: FieldChanges | undefined;
  readonly #store: MergedSessions;

  constructor({ id, handle, read, changes }: Known, endsAtMs: number, store: MergedSessions) {
    this.id = id;
    this.handle = handle;
    this.endsAtMs = endsAtMs;
    this.#read = read;
    this.#changes = changes;
    this.#store = store;
  }

  /** The fields as they are stored. Few requests ask for them once they have stored the session. */
  get stored(): RecordFields {
    return this.#changes ? applyChanges(this.#read, this.#changes) : this.#read;
  }

  /** Returns `base` where it is one of `store`'s. */
  static of(store: MergedSessions, base: SessionBase | undefined): MergedBase | undefined {
    return base instanceof MergedBase && base.#store === store ? base : undefined;
  }
}

/** How many sessions are asked for at once. */
const sessionsAtOnce = 500;

const nothing: RecordFields = new Map();
const noNames: ReadonlySet<string> = new Set();
const noNotes: ReadonlyMap<string, undefined> = new Map();

/** Sessions field by field: requests side by side keep each other's fields, and what is destroyed stays so. */
export class MergedSessions implements SessionStore {
  readonly #access: RecordAccess;
  readonly #records: SessionRecords;

  constructor(access: RecordAccess, records: SessionRecords) {
    this.#access = access;
    this.#records = records;
  }

  async get(id: string): Promise<FoundSession | undefined> {
    const handle = handleOf(id);
    const loaded = await this.#records.load(handle);
    return loaded && this.#found({ id, handle, read: loaded.stored }, loaded);
  }

  async set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase> {
    const { lifetimeMs } = writing;
    const base = this.#baseOf(id, writing);
    const handle = base?.handle ?? handleOf(id);
    const before = base?.stored ?? nothing;
    const changes = this.#changes(definedFields(data), before);
    const fields = changes instanceof Promise ? await changes : changes; // most are there
    if (base && !hasChanges(fields)) return this.#unchanged(base, writing);
    this.#records.requireFit(before, fields);
    const write = { fields, notes: noNotes, lifetime: { ttlMs: lifetimeMs } };
    if (!base) await this.#records.put(handle, write);
    else if (!(await this.#records.update(handle, write))) throw new SessionInterruptedError();
    return this.#base({ id, handle, read: before, changes: fields }, lifetimeMs);
  }

  async touch(id: string, writing: SessionWriting): Promise<boolean> {
    if (!this.needsTouch(id, writing)) return true;
    const handle = this.#baseOf(id, writing)?.handle ?? handleOf(id);
    return this.#records.touch(handle, { ttlMs: writing.lifetimeMs });
  }

  needsTouch(id: string, writing: SessionWriting): boolean {
    const base = this.#baseOf(id, writing);
    const { clock } = this.#access;
    return !base || isWorthExtending(base.endsAtMs, writing.lifetimeMs, clock);
  }

  async destroy(id: string): Promise<void> {
    await this.#records.destroy(handleOf(id));
  }

  async all(): Promise<FoundSession[]> {
    const handles = [...(await this.#handles())];
    const loaded = await mapInBatches(handles, sessionsAtOnce, (handle) =>
      this.#records.load(handle),
    );
    const found = loaded.filter((session) => session !== undefined);
    const unknown = { id: "", handle: "" }; // of a hash, nobody knows the id
    return found.map((session) => this.#found({ ...unknown, read: session.stored }, session));
  }

  async count(): Promise<number> {
    return (await this.#handles()).size;
  }

  async clear(): Promise<void> {
    for await (const handles of this.#records.handles()) {
      await mapInBatches(handles, sessionsAtOnce, (handle) => this.#records.destroy(handle));
    }
  }

  async #unchanged(base: MergedBase, writing: SessionWriting): Promise<SessionBase> {
    await keepUnchanged(writing, () => this.touch(base.id, writing));
    return base;
  }

  async #handles(): Promise<Set<string>> {
    const all = new Set<string>();
    for await (const handles of this.#records.handles()) {
      for (const handle of handles) all.add(handle);
    }
    return all;
  }

  #changes(now: ReadonlyMap<string, unknown>, base: RecordFields): MaybePromise<FieldChanges> {
    const comparison = { base, now, written: noNames, suspects: now.keys() };
    return findChanges(this.#access.codec, comparison);
  }

  #found(known: Known, { values, remainingMs }: LoadedSession): FoundSession {
    return { data: toData(values), remainingMs, base: this.#base(known, remainingMs) };
  }

  #base(known: Known, lifetimeMs: number): MergedBase {
    return new MergedBase(known, this.#access.clock.now() + lifetimeMs, this);
  }

  #baseOf(id: string, { base }: SessionWriting): MergedBase | undefined {
    const own = MergedBase.of(this, base);
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

/** Leaves out what would become the object's prototype when session packages copy it. */
function toData(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const data: Record<string, unknown> = {};
  for (const [name, value] of values) if (name !== "__proto__") data[name] = value;
  return data;
}
