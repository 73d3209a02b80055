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
import {
  applyChanges,
  type FieldChanges,
  findChanges,
  hasChanges,
  noChanges,
} from "../field-changes.ts";
import { handleOf, type LoadedSession, type SessionRecords } from "../session-records.ts";
import { keepUnchanged } from "./keep-unchanged.ts";

/** Which session, and what is stored of it. */
interface Known {
  readonly id: string;
  readonly handle: string;
  readonly read: RecordFields;
  /** What was stored since. */
  readonly changes: FieldChanges;
  readonly endsAtMs: number;
}

/** A session as one store read or stored it. */
class MergedBase implements SessionBase {
  readonly id: string;
  readonly handle: string;
  readonly changes: FieldChanges;
  readonly endsAtMs: number;
  readonly #read: RecordFields;
  readonly #store: MergedSessions;

  constructor({ id, handle, read, changes, endsAtMs }: Known, store: MergedSessions) {
    this.id = id;
    this.handle = handle;
    this.changes = changes;
    this.endsAtMs = endsAtMs;
    this.#read = read;
    this.#store = store;
  }

  /** The fields as they are stored. Few requests ask for them once they have stored the session. */
  get stored(): RecordFields {
    return hasChanges(this.changes) ? applyChanges(this.#read, this.changes) : this.#read;
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
    return loaded && this.#found({ id, handle }, loaded);
  }

  async set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase> {
    const base = this.#baseOf(id, writing);
    const before = base?.stored ?? nothing;
    const finding = this.#changes(definedFields(data), before);
    const changes = finding instanceof Promise ? await finding : finding; // most are there
    if (base && !hasChanges(changes)) return this.#unchanged(base, writing);
    this.#records.requireFit(before, changes);
    const later = this.#later({ id, read: before, changes }, base, writing);
    if (!base) await this.#put(later, writing);
    else if (!(await this.#update(base, later, writing))) throw new SessionInterruptedError();
    return later;
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
    return found.map((session) => this.#found(unknown, session));
  }

  async count(): Promise<number> {
    return (await this.#handles()).size;
  }

  async clear(): Promise<void> {
    for await (const handles of this.#records.handles()) {
      await mapInBatches(handles, sessionsAtOnce, (handle) => this.#records.destroy(handle));
    }
  }

  /** Its end stays where it is where moving it would change next to nothing: the server has less to do. */
  #later(
    known: Pick<Known, "id" | "read" | "changes">,
    base: MergedBase | undefined,
    { lifetimeMs }: SessionWriting,
  ): MergedBase {
    const { clock } = this.#access;
    const keepsEnd = base && !isWorthExtending(base.endsAtMs, lifetimeMs, clock);
    const endsAtMs = keepsEnd ? base.endsAtMs : clock.now() + lifetimeMs;
    const { id, read, changes } = known;
    return new MergedBase(
      { id, handle: base?.handle ?? handleOf(id), read, changes, endsAtMs },
      this,
    );
  }

  #put({ handle, changes }: MergedBase, { lifetimeMs }: SessionWriting): Promise<void> {
    const write = { fields: changes, notes: noNotes, lifetime: { ttlMs: lifetimeMs } };
    return this.#records.put(handle, write);
  }

  #update(
    base: MergedBase,
    { handle, changes, endsAtMs }: MergedBase,
    { lifetimeMs }: SessionWriting,
  ): Promise<boolean> {
    const lifetime = endsAtMs === base.endsAtMs ? undefined : { ttlMs: lifetimeMs };
    return this.#records.update(handle, { fields: changes, notes: noNotes, lifetime });
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

  #found(
    { id, handle }: Pick<MergedBase, "id" | "handle">,
    { stored, values, remainingMs }: LoadedSession,
  ): FoundSession {
    const endsAtMs = this.#access.clock.now() + remainingMs;
    const known = { id, handle, read: stored, changes: noChanges, endsAtMs };
    return { data: toData(values), remainingMs, base: new MergedBase(known, this) };
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
