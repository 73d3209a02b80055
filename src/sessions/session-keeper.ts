import type { MaybePromise } from "../codec/maybe-promise.ts";
import { SessionInterruptedError } from "../contracts/errors.ts";
import { type Expiry, lifetimeMs, recordLifetime } from "./expiry.ts";
import {
  applyChanges,
  type FieldChanges,
  findChanges,
  hasChanges,
  noChanges,
} from "./field-changes.ts";
import { isWorthMoving } from "./session-end.ts";
import { SessionFields } from "./session-fields.ts";
import { createSessionId } from "./session-id.ts";
import { type Lease, noNotes, noteChanges, readNotes, type SessionNotes } from "./session-notes.ts";
import {
  handleOf,
  type LoadedSession,
  type SessionRecords,
  type SessionWrite,
} from "./session-records.ts";
import type { SessionRules } from "./session-rules.ts";
import { toUser, type UserIndex } from "./user-index.ts";

/** What a session works with. */
export interface SessionParts {
  readonly rules: SessionRules;
  readonly records: SessionRecords;
  readonly users: UserIndex;
}

/** A session as it begins: a new one, a stored one, or one of which only the id is known. */
export type SessionStart =
  | { readonly kind: "new" }
  | { readonly kind: "stored"; readonly id: string; readonly loaded: LoadedSession }
  | { readonly kind: "detached"; readonly id: string; readonly cause: unknown };

/** What is stored of a session, and when that was known. */
interface Stored {
  readonly id: string;
  readonly handle: string;
  readonly notes: SessionNotes;
  readonly ageMs: number;
  readonly endsAtMs: number;
  readonly asOfMs: number;
}

/** What a step leaves behind once it is stored. */
interface Outcome {
  readonly write: SessionWrite;
  readonly notes: SessionNotes;
  readonly storedFields: ReadonlyMap<string, string | Uint8Array>;
  readonly leftMs: number;
  readonly ageMs: number;
}

/** An entry in the user's index outlives the session it is made for by this factor, so that it is seldom renewed. */
const leaseFactor = 2;

/**
 * Keeps one session: its fields, what is stored of it, and every step that stores something. The
 * steps go one after the other.
 */
export class SessionKeeper {
  readonly fields: SessionFields;
  readonly detachedBy: { readonly id: string; readonly cause: unknown } | undefined;
  /** When the session ends, where it says so itself; stored by the next step. */
  expiry: Expiry | undefined;
  readonly #parts: SessionParts;
  #stored: Stored | undefined;
  /** Where the session was that turned out to live no more, or elsewhere: a destroy looks there too. */
  #lostHandle: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: SessionParts, start: SessionStart) {
    this.#parts = parts;
    this.detachedBy = start.kind === "detached" ? start : undefined;
    if (start.kind !== "stored") {
      this.fields = new SessionFields();
      return;
    }
    const { stored, notes: written, ageMs, remainingMs } = start.loaded;
    this.fields = new SessionFields(start.loaded.valuesByName(), stored);
    const notes = readNotes(written);
    this.expiry = notes.expiry;
    const asOfMs = this.now();
    const handle = handleOf(start.id);
    this.#stored = { id: start.id, handle, notes, ageMs, asOfMs, endsAtMs: asOfMs + remainingMs };
  }

  get id(): string | undefined {
    return this.#stored?.id;
  }

  get handle(): string | undefined {
    return this.#stored?.handle;
  }

  get endsAt(): Date | undefined {
    return this.#stored && new Date(Math.ceil(this.#stored.endsAtMs));
  }

  get remainingMs(): number {
    return this.#stored ? Math.max(0, this.#stored.endsAtMs - this.now()) : 0;
  }

  /** Whether a field or the expiry was written since the session was loaded or stored. */
  get modified(): boolean {
    return this.fields.modified || this.expiry !== this.#stored?.notes.expiry;
  }

  /** Whether there is nothing to keep: nothing stored, and no field. */
  get isEmpty(): boolean {
    return this.#stored === undefined && this.fields.values.size === 0;
  }

  /** The milliseconds that the session lives if it is stored now; may be negative. */
  lifetimeMs(): number {
    const moment = { nowMs: this.now(), ageMs: this.#ageMs() };
    return lifetimeMs(this.expiry, this.#parts.rules, moment);
  }

  now(): number {
    return this.#parts.rules.backend.clock.now();
  }

  /** See `Session.save`. */
  save(): Promise<boolean> {
    return this.#inTurn(() => this.#save());
  }

  /** See `Session.regenerate`. */
  regenerate(): Promise<void> {
    return this.#inTurn(() => this.#regenerate());
  }

  /** See `Session.destroy`. */
  destroy(): Promise<void> {
    return this.#inTurn(() => this.#destroy());
  }

  async #save(): Promise<boolean> {
    if (this.detachedBy || this.isEmpty) return false;
    const written = this.fields.takeWritten();
    try {
      const changes = await this.#changes(written);
      if (!this.#stored) return await this.#create(changes);
      if (written.size > 0 || hasChanges(changes) || this.modified) {
        if (await this.#update(this.#stored, changes)) return true;
        throw new SessionInterruptedError();
      }
      return this.#parts.rules.rolling && (await this.#extend(this.#stored));
    } catch (error) {
      this.fields.giveBack(written);
      throw error;
    }
  }

  async #regenerate(): Promise<void> {
    if (this.detachedBy) throw this.detachedBy.cause;
    const written = this.fields.takeWritten();
    try {
      const changes = await this.#changes(written);
      if (this.#stored) await this.#move(this.#stored, changes);
      else await this.#create(changes);
    } catch (error) {
      this.fields.giveBack(written);
      throw error;
    }
  }

  async #destroy(): Promise<void> {
    const { records, users } = this.#parts;
    const handle = this.detachedBy ? handleOf(this.detachedBy.id) : this.handle;
    const lease = this.#stored?.notes.lease;
    if (this.#lostHandle !== undefined) await records.destroy(this.#lostHandle);
    if (handle !== undefined) await records.destroy(handle);
    this.#end();
    this.#lostHandle = undefined;
    if (handle !== undefined && lease) await this.#tidy(users.remove(lease.user, [handle]));
  }

  async #create(changes: FieldChanges): Promise<boolean> {
    const id = createSessionId();
    const handle = handleOf(id);
    const outcome = await this.#prepare(handle, changes, undefined);
    if (outcome.leftMs <= 0) {
      this.#end();
      return false;
    }
    if (!(await this.#parts.records.create(handle, outcome.write))) {
      throw new Error(
        "A session's new id was taken, which chance does not do: is randomness broken?",
      );
    }
    this.#keep(id, handle, outcome);
    return true;
  }

  /** Returns whether the session lived, and was changed. */
  async #update(stored: Stored, changes: FieldChanges): Promise<boolean> {
    const outcome = await this.#prepare(stored.handle, changes, stored);
    const lives = await this.#parts.records.update(stored.handle, outcome.write);
    if (lives && outcome.leftMs > 0) this.#keep(stored.id, stored.handle, outcome);
    else if (lives) this.#end();
    return lives;
  }

  async #move(stored: Stored, changes: FieldChanges): Promise<void> {
    const id = createSessionId();
    const handle = handleOf(id);
    const outcome = await this.#prepare(handle, changes, stored);
    const { records } = this.#parts;
    const isOver = outcome.leftMs <= 0;
    const lives = isOver
      ? await records.destroy(stored.handle)
      : await records.move(stored.handle, handle, outcome.write);
    if (!lives) throw new SessionInterruptedError();
    if (isOver) this.#end();
    else this.#keep(id, handle, outcome);
    const { lease } = stored.notes;
    if (lease) await this.#tidy(this.#parts.users.remove(lease.user, [stored.handle]));
  }

  /** Extends the life of an unchanged session. Returns whether it did: one that was destroyed meanwhile is left alone. */
  async #extend(stored: Stored): Promise<boolean> {
    const leftMs = this.lifetimeMs();
    const { clock } = this.#parts.rules.backend;
    const move = { endsAtMs: stored.endsAtMs, lifetimeMs: leftMs, clock };
    if (!isWorthMoving(move)) return false;
    const lives = this.#needsLease(stored, leftMs)
      ? await this.#update(stored, noChanges)
      : await this.#touch(stored, leftMs);
    if (lives || this.modified) return lives; // what was written meanwhile is for the next save to refuse
    this.#lostHandle = stored.handle;
    this.#end();
    return false;
  }

  async #touch(stored: Stored, leftMs: number): Promise<boolean> {
    const { rules, records } = this.#parts;
    const lives = await records.touch(stored.handle, recordLifetime(this.expiry, rules));
    if (lives) this.#stored = { ...stored, endsAtMs: this.now() + leftMs };
    return lives;
  }

  /** Makes ready what is to be stored, and notes the session for its user before it is. */
  async #prepare(
    handle: string,
    fields: FieldChanges,
    stored: Stored | undefined,
  ): Promise<Outcome> {
    const { rules, records } = this.#parts;
    const { expiry } = this; // it may be set anew meanwhile
    const storedFields = applyChanges(this.fields.stored, fields);
    records.requireFit(storedFields);
    const leftMs = this.lifetimeMs();
    const { userField } = rules;
    const writesUser = fields.set.has(userField) || fields.remove.includes(userField);
    const isSettled = stored?.handle === handle && !writesUser;
    const lease = await this.#leaseFor(handle, leftMs, isSettled ? stored : undefined);
    const notes = { expiry, lease };
    const changes = noteChanges({ before: stored?.notes ?? noNotes, after: notes, writesUser });
    const write = { fields, notes: changes, lifetime: recordLifetime(expiry, rules) };
    return { write, notes, storedFields, leftMs, ageMs: this.#ageMs() };
  }

  async #leaseFor(
    handle: string,
    leftMs: number,
    stored: Stored | undefined,
  ): Promise<Lease | undefined> {
    const user = this.#user();
    if (user === undefined || leftMs <= 0) return undefined;
    if (stored && !this.#needsLease(stored, leftMs)) return stored.notes.lease;
    const leaseMs = Math.ceil(leftMs * leaseFactor);
    await this.#parts.users.add(user, handle, leaseMs);
    return { user, untilAgeMs: Math.floor(this.#ageMs()) + leaseMs };
  }

  /** Whether the session, extended by `leftMs`, would outlive its entry in the index, or has none. */
  #needsLease({ notes }: Stored, leftMs: number): boolean {
    const user = this.#user();
    if (user === undefined) return false;
    if (notes.lease?.user !== user) return true;
    return this.#ageMs() + leftMs > notes.lease.untilAgeMs;
  }

  /** What is left in an index does no harm, so its removal may fail; the cache tells of it. */
  async #tidy(removal: Promise<void>): Promise<void> {
    await removal.catch(() => undefined);
  }

  #changes(written: ReadonlySet<string>): MaybePromise<FieldChanges> {
    const { stored, values, handedOut } = this.fields;
    const comparison = { base: stored, now: values, written, suspects: handedOut };
    return findChanges(this.#parts.rules.backend.codec, comparison);
  }

  #keep(id: string, handle: string, { notes, leftMs, ageMs, storedFields }: Outcome): void {
    const asOfMs = this.now();
    this.#stored = { id, handle, notes, ageMs, asOfMs, endsAtMs: asOfMs + leftMs };
    this.fields.saved(storedFields);
  }

  /** There is no such session any more. */
  #end(): void {
    this.#stored = undefined;
    this.expiry = undefined;
    this.fields.reset();
  }

  #user(): string | undefined {
    return toUser(this.fields.values.get(this.#parts.rules.userField));
  }

  #ageMs(): number {
    return this.#stored ? this.#stored.ageMs + this.now() - this.#stored.asOfMs : 0;
  }

  /** What changes a session goes one after the other, whether the one before failed or not. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}
