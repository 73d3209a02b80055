import { type Expiry, lifetimeMs } from "./expiry.ts";
import { SessionFields } from "./session-fields.ts";
import { noMetadata, readMetadata, type SessionMetadata } from "./session-metadata.ts";
import type { LoadedSession } from "./session-records.ts";
import type { SessionRules } from "./session-rules.ts";
import { toUser } from "./user-index.ts";

/** A session as it begins: a new one, a stored one, or one that could not be read. */
export type SessionStart =
  | { readonly kind: "new" }
  | {
      readonly kind: "stored";
      readonly id: string;
      readonly handle: string;
      readonly loaded: LoadedSession;
    }
  | {
      readonly kind: "detached";
      readonly handle: string;
      /** Why it could not be read. */
      readonly cause: unknown;
    };

/** What the store held of a session when this process last read or wrote it. */
export interface StoredState {
  readonly id: string;
  readonly handle: string;
  readonly metadata: SessionMetadata;
  readonly ageMs: number;
  readonly endsAtMs: number;
  /** When `ageMs` was its age. */
  readonly asOfMs: number;
}

/** What a write stored. */
export interface WrittenState {
  readonly id: string;
  readonly handle: string;
  readonly metadata: SessionMetadata;
  readonly storedFields: ReadonlyMap<string, string | Uint8Array>;
  /** How old the session was, and how long it had to live, when the write was made ready. */
  readonly ageMs: number;
  readonly leftMs: number;
}

/** What one session's object knows: its fields, its expiry, and what the store holds of it. */
export class SessionState {
  readonly fields: SessionFields;
  /** Set where the session could not be read. Nothing of it is stored then. */
  readonly detached: Extract<SessionStart, { kind: "detached" }> | undefined;
  /** When the session ends, where it has an end of its own. The next write stores it. */
  expiry: Expiry | undefined;
  /** Where the session was when a write found it gone. It may live under a new id: a destroy looks here too. */
  lostHandle: string | undefined;
  readonly #rules: SessionRules;
  #stored: StoredState | undefined;

  constructor(rules: SessionRules, start: SessionStart) {
    this.#rules = rules;
    this.detached = start.kind === "detached" ? start : undefined;
    if (start.kind !== "stored") {
      this.fields = new SessionFields();
      return;
    }
    const { id, handle, loaded } = start;
    const { ageMs, remainingMs } = loaded;
    this.fields = new SessionFields(loaded.valuesByName(), loaded.stored);
    const metadata = loaded.metadata.size > 0 ? readMetadata(loaded.metadata) : noMetadata;
    this.expiry = metadata.expiry;
    const asOfMs = this.now();
    this.#stored = { id, handle, metadata, ageMs, asOfMs, endsAtMs: asOfMs + remainingMs };
  }

  /** What the store holds; `undefined` where it holds nothing. */
  get stored(): StoredState | undefined {
    return this.#stored;
  }

  /** Whether a field or the expiry was written since the session was loaded or stored. */
  get modified(): boolean {
    return this.fields.modified || this.expiry !== this.#stored?.metadata.expiry;
  }

  /** Whether there is nothing to keep: nothing stored, and no field. */
  get isEmpty(): boolean {
    return this.#stored === undefined && this.fields.values.size === 0;
  }

  /** The user that the session belongs to, by its fields. */
  get user(): string | undefined {
    return toUser(this.fields.values.get(this.#rules.userField));
  }

  /** How old the session is; 0 until it is stored. */
  get ageMs(): number {
    return this.#stored ? this.#stored.ageMs + this.now() - this.#stored.asOfMs : 0;
  }

  /** The milliseconds until the stored session ends; 0 where nothing is stored. */
  get remainingMs(): number {
    return this.#stored ? Math.max(0, this.#stored.endsAtMs - this.now()) : 0;
  }

  /** Returns the milliseconds that the session lives if it is stored now; may be negative. */
  lifetimeMs(): number {
    return lifetimeMs(this.expiry, this.#rules, { nowMs: this.now(), ageMs: this.ageMs });
  }

  now(): number {
    return this.#rules.backend.clock.now();
  }

  /** Records that a write was stored. */
  wrote({ id, handle, metadata, ageMs, leftMs, storedFields }: WrittenState): void {
    const asOfMs = this.now();
    this.#stored = { id, handle, metadata, ageMs, asOfMs, endsAtMs: asOfMs + leftMs };
    this.fields.saved(storedFields);
  }

  /** Records that a touch gave the session a lifetime. */
  touched(stored: StoredState, leftMs: number): void {
    this.#stored = { ...stored, endsAtMs: this.now() + leftMs };
  }

  /** Records that the session is gone. What is written from now on begins another one. */
  end(): void {
    this.#stored = undefined;
    this.expiry = undefined;
    this.fields.reset();
  }
}
