import type { MaybePromise } from "../codec/maybe-promise.ts";
import { SessionInterruptedError } from "../contracts/errors.ts";
import { recordLifetime } from "./expiry.ts";
import {
  applyChanges,
  type FieldChanges,
  findChanges,
  hasChanges,
  noChanges,
} from "./field-changes.ts";
import { isWorthMoving } from "./session-end.ts";
import { createSessionId, handleOf } from "./session-id.ts";
import { metadataChanges, noMetadata, type UserEntry } from "./session-metadata.ts";
import type { SessionRecords, SessionWrite } from "./session-records.ts";
import type { SessionRules } from "./session-rules.ts";
import type { SessionState, StoredState, WrittenState } from "./session-state.ts";
import type { UserIndex } from "./user-index.ts";

/** What the sessions of one `createSessions` share. */
export interface SessionParts {
  readonly rules: SessionRules;
  readonly records: SessionRecords;
  readonly users: UserIndex;
}

/** A write that is ready to be sent, and the state that it leaves behind. */
interface ReadyWrite {
  readonly write: SessionWrite;
  readonly written: WrittenState;
  /** Whether the session's end has passed, so that the write destroys it. */
  readonly isOver: boolean;
}

/** Where a session is to be stored: a new place, or the one where it is. */
type Place = Pick<StoredState, "id" | "handle">;

/** An entry in the user's index outlives its session by this factor, so that it is seldom renewed. */
const entryFactor = 2;

/** Stores sessions. Of one session it must run one step at a time. */
export class SessionWriter {
  readonly #rules: SessionRules;
  readonly #records: SessionRecords;
  readonly #users: UserIndex;

  constructor({ rules, records, users }: SessionParts) {
    this.#rules = rules;
    this.#records = records;
    this.#users = users;
  }

  /** See `Session.save`. */
  async save(state: SessionState): Promise<boolean> {
    if (state.detached || state.isEmpty) return false;
    const written = state.fields.takeWritten();
    try {
      const changes = await this.#changes(state, written);
      const { stored } = state;
      if (!stored) return await this.#create(state, changes);
      if (written.size > 0 || hasChanges(changes) || state.modified) {
        if (await this.#update(state, stored, changes)) return true;
        throw new SessionInterruptedError();
      }
      return this.#rules.rolling && (await this.#extend(state, stored));
    } catch (error) {
      state.fields.giveBack(written);
      throw error;
    }
  }

  /** See `Session.regenerate`. */
  async regenerate(state: SessionState): Promise<void> {
    if (state.detached) throw state.detached.cause;
    const written = state.fields.takeWritten();
    try {
      const changes = await this.#changes(state, written);
      if (state.stored) await this.#move(state, state.stored, changes);
      else await this.#create(state, changes);
    } catch (error) {
      state.fields.giveBack(written);
      throw error;
    }
  }

  /** See `Session.destroy`. */
  async destroy(state: SessionState): Promise<void> {
    const { stored, lostHandle } = state;
    const handle = state.detached?.handle ?? stored?.handle;
    if (lostHandle !== undefined) await this.#records.destroy(lostHandle);
    if (handle !== undefined) await this.#records.destroy(handle);
    state.end();
    state.lostHandle = undefined;
    if (stored) await this.#dropEntry(stored);
  }

  async #create(state: SessionState, changes: FieldChanges): Promise<boolean> {
    const { write, written, isOver } = await this.#prepare(state, newPlace(), changes);
    if (isOver) {
      state.end();
      return false;
    }
    if (!(await this.#records.create(written.handle, write))) {
      throw new Error("A new session's id was taken already. Is the source of randomness broken?");
    }
    state.wrote(written);
    return true;
  }

  /** Returns whether the session lived, and so was changed. */
  async #update(state: SessionState, stored: StoredState, changes: FieldChanges): Promise<boolean> {
    const { write, written, isOver } = await this.#prepare(state, stored, changes);
    const lived = await this.#records.update(stored.handle, write);
    if (lived && isOver) state.end();
    else if (lived) state.wrote(written);
    return lived;
  }

  async #move(state: SessionState, stored: StoredState, changes: FieldChanges): Promise<void> {
    const { write, written, isOver } = await this.#prepare(state, newPlace(stored), changes);
    const lived = isOver
      ? await this.#records.destroy(stored.handle)
      : await this.#records.move(stored.handle, written.handle, write);
    if (!lived) throw new SessionInterruptedError();
    if (isOver) state.end();
    else state.wrote(written);
    await this.#dropEntry(stored);
  }

  /** Extends the life of an unchanged session. Returns whether it did; a destroyed session stays destroyed. */
  async #extend(state: SessionState, stored: StoredState): Promise<boolean> {
    const leftMs = state.lifetimeMs();
    const { clock } = this.#rules.backend;
    if (!isWorthMoving({ endsAtMs: stored.endsAtMs, lifetimeMs: leftMs, clock })) return false;
    const lived = needsEntry(state, stored, leftMs)
      ? await this.#update(state, stored, noChanges)
      : await this.#touch(state, stored, leftMs);
    if (lived || state.modified) return lived; // a field was written meanwhile: the next save rejects
    state.lostHandle = stored.handle;
    state.end();
    return false;
  }

  async #touch(state: SessionState, stored: StoredState, leftMs: number): Promise<boolean> {
    const lifetime = recordLifetime(state.expiry, this.#rules);
    const lived = await this.#records.touch(stored.handle, lifetime);
    if (lived) state.touched(stored, leftMs);
    return lived;
  }

  /** Makes a write ready. The user's index gets its entry first: see `UserIndex.add`. */
  async #prepare(
    state: SessionState,
    { id, handle }: Place,
    fields: FieldChanges,
  ): Promise<ReadyWrite> {
    const { stored, expiry } = state; // another expiry may be set while the index is written
    const storedFields = applyChanges(state.fields.stored, fields);
    this.#records.requireFit(storedFields);
    const leftMs = state.lifetimeMs();
    const writesUser = this.#isUserIn(fields);
    const isSettled = stored?.handle === handle && !writesUser;
    const entry = await this.#entryFor(state, { handle, leftMs, settled: isSettled && stored });
    const metadata = { expiry, entry };
    const before = stored?.metadata ?? noMetadata;
    const write = {
      fields,
      metadata: metadataChanges({ before, after: metadata, writesUser }),
      lifetime: recordLifetime(expiry, this.#rules),
    };
    const written = { id, handle, metadata, storedFields, leftMs, ageMs: state.ageMs };
    return { write, written, isOver: leftMs <= 0 };
  }

  #isUserIn({ set, remove }: FieldChanges): boolean {
    const { userField } = this.#rules;
    return set.has(userField) || remove.includes(userField);
  }

  /** Returns the session's entry in its user's index, which it writes where the settled one does not do. */
  async #entryFor(
    state: SessionState,
    { handle, leftMs, settled }: EntryNeed,
  ): Promise<UserEntry | undefined> {
    const { user } = state;
    if (user === undefined || leftMs <= 0) return undefined;
    if (settled && !needsEntry(state, settled, leftMs)) return settled.metadata.entry;
    const entryMs = Math.ceil(leftMs * entryFactor);
    await this.#users.add(user, handle, entryMs);
    return { user, untilAgeMs: Math.floor(state.ageMs) + entryMs };
  }

  /** Removes the entry of a place that the session has left. A failure does no harm: the cache emits it, and the entry ends. */
  async #dropEntry({ handle, metadata: { entry } }: StoredState): Promise<void> {
    if (entry) await this.#users.remove(entry.user, [handle]).catch(() => undefined);
  }

  #changes(state: SessionState, written: ReadonlySet<string>): MaybePromise<FieldChanges> {
    const { stored, values, handedOut } = state.fields;
    const comparison = { base: stored, now: values, written, suspects: handedOut };
    return findChanges(this.#rules.backend.codec, comparison);
  }
}

/** What an entry is for. */
interface EntryNeed {
  readonly handle: string;
  readonly leftMs: number;
  /** The stored session, where it stays in its place with its user. */
  readonly settled: StoredState | false | undefined;
}

/** Whether the session, living on for `leftMs`, would outlive its entry in its user's index, or has none. */
function needsEntry(state: SessionState, { metadata }: StoredState, leftMs: number): boolean {
  const { user } = state;
  if (user === undefined) return false;
  if (metadata.entry?.user !== user) return true;
  return state.ageMs + leftMs > metadata.entry.untilAgeMs;
}

/** Returns a new id and its handle; after `former`, in the same slot of a cluster. */
function newPlace(former?: Place): Place {
  const id = createSessionId(former?.id);
  return { id, handle: handleOf(id) };
}
