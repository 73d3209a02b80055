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
import { applyChanges, type FieldChanges, findChanges } from "../field-changes.ts";
import { handleOf, type LoadedSession, type SessionRecords } from "../session-records.ts";

interface MergedBase extends SessionBase {
  readonly stored: RecordFields;
  readonly endsAtMs: number;
}

/** How many sessions are asked for at once. */
const sessionsAtOnce = 500;

const noNotes: ReadonlyMap<string, undefined> = new Map();

/** Sessions field by field: requests side by side keep each other's fields, and what is destroyed stays so. */
export class MergedSessions implements SessionStore {
  readonly #access: RecordAccess;
  readonly #records: SessionRecords;
  readonly #bases: WeakSet<SessionBase> = new WeakSet();

  constructor(access: RecordAccess, records: SessionRecords) {
    this.#access = access;
    this.#records = records;
  }

  async get(id: string): Promise<FoundSession | undefined> {
    return this.#found(id, await this.#records.load(handleOf(id)));
  }

  async set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase> {
    const { lifetimeMs } = writing;
    const base = this.#baseOf(id, writing);
    const fields = await this.#changes(data, base?.stored ?? new Map());
    const stored = applyChanges(base?.stored ?? new Map(), fields);
    this.#records.requireFit(stored);
    const write = { fields, notes: noNotes, lifetime: { ttlMs: lifetimeMs } };
    if (!base) await this.#records.put(handleOf(id), write);
    else if (!hasChanges(fields)) return this.#unchanged(base, writing);
    else if (!(await this.#records.update(handleOf(id), write)))
      throw new SessionInterruptedError();
    return this.#noted({ id, stored, endsAtMs: this.#access.clock.now() + lifetimeMs });
  }

  async touch(id: string, writing: SessionWriting): Promise<boolean> {
    const base = this.#baseOf(id, writing);
    const { clock } = this.#access;
    if (base && !isWorthExtending(base.endsAtMs, writing.lifetimeMs, clock)) return true;
    return this.#records.touch(handleOf(id), { ttlMs: writing.lifetimeMs });
  }

  async destroy(id: string): Promise<void> {
    await this.#records.destroy(handleOf(id));
  }

  async all(): Promise<FoundSession[]> {
    const handles = [...(await this.#handles())];
    const loaded = await mapInBatches(handles, sessionsAtOnce, (handle) =>
      this.#records.load(handle),
    );
    const found = loaded.map((session) => this.#found("", session)); // of a hash, nobody knows the id
    return found.filter((session) => session !== undefined);
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
    const { extend = true, lifetimeMs } = writing;
    const stays = !extend && lifetimeMs > 0;
    const lives = stays || (await this.touch(base.id, writing));
    if (!lives) throw new SessionInterruptedError();
    return base;
  }

  async #handles(): Promise<Set<string>> {
    const all = new Set<string>();
    for await (const handles of this.#records.handles()) {
      for (const handle of handles) all.add(handle);
    }
    return all;
  }

  #changes(data: SessionData, base: RecordFields): Promise<FieldChanges> {
    const now = new Map(Object.entries(data).filter(([, value]) => value !== undefined));
    const comparison = { base, now, written: new Set<string>(), suspects: now.keys() };
    return findChanges(this.#access.codec, comparison);
  }

  #found(id: string, loaded: LoadedSession | undefined): FoundSession | undefined {
    if (!loaded) return undefined;
    const { stored, values, remainingMs } = loaded;
    const base = this.#noted({ id, stored, endsAtMs: this.#access.clock.now() + remainingMs });
    return { data: toData(values), remainingMs, base };
  }

  #noted(base: MergedBase): SessionBase {
    this.#bases.add(base);
    return base;
  }

  #baseOf(id: string, { base }: SessionWriting): MergedBase | undefined {
    if (base === undefined || base.id !== id || !this.#bases.has(base)) return undefined;
    return base as MergedBase; // one of those noted here
  }
}

function hasChanges({ set, remove }: FieldChanges): boolean {
  return set.size > 0 || remove.length > 0;
}

/** Leaves out what would become the object's prototype when session packages copy it. */
function toData(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  return Object.fromEntries([...values].filter(([name]) => name !== "__proto__"));
}
