import type { Duration } from "../kit/duration.ts";
import type { Cache } from "./cache.ts";

/** Options of `createSessions`. */
export interface SessionsOptions {
  /**
   * Where the sessions live: beside the cache's keys, so that no `clear()` and no pattern of the cache
   * meets them. The cache's connection, timeouts, serializer and compressor are the sessions' too;
   * `ignoreErrors` and the cache's `ttl` are not.
   */
  readonly cache: Cache;

  /**
   * How long a session lives after its last save, and a rolling one after its last request.
   *
   * @default "14d"
   */
  readonly ttl?: Duration | undefined;

  /**
   * How long a session lives in all, from when it was created, whatever happens in it; a new id does
   * not begin it anew. `null`: no such bound.
   *
   * @default null
   */
  readonly absoluteTtl?: Duration | undefined;

  /**
   * Whether each request extends the session's life, not only a save. Extending waits until a
   * thousandth of the lifetime has passed, so most requests write nothing.
   *
   * @default false
   */
  readonly rolling?: boolean | undefined;

  /** What the stored keys of these sessions begin with, after the cache's own prefix. @default "session:" */
  readonly keyPrefix?: string | undefined;

  /** The field that names a session's user, for `list` and `destroyAll`. @default "userId" */
  readonly userField?: string | undefined;

  /** How large the stored form of one session may be, in bytes. @default 65_536 */
  readonly maxBytes?: number | undefined;
}

/** What a user's sessions are asked by. */
export interface OfUser {
  /** What the sessions hold in their `userField`. */
  readonly userId: string | number | bigint;
}

/** Which sessions `destroyAll` destroys. */
export interface DestroyAllOptions extends OfUser {
  /** A session to be left alive: the one that asks. */
  readonly except?: Session | undefined;
}

/** Options of {@link Sessions.load}. */
export interface LoadOptions {
  /**
   * What an unreachable store means for a request that brings an id: the error, or a session that is
   * empty, detached, and not stored.
   *
   * @default "fail"
   */
  readonly onStoreError?: "fail" | "anonymous" | undefined;
}

/** The sessions of one application. */
export interface Sessions {
  /** Whether each request extends a session's life. */
  readonly rolling: boolean;

  /**
   * Returns the session of an id. An id that is absent, malformed (neither costs a round trip), unknown, expired or
   * destroyed gives an empty session, which gets an id of its own when it is first saved. So does one
   * that cannot be decoded, which is told as an `error` of the cache. One round trip.
   *
   * @throws StoreUnavailableError, CommandTimeoutError, OverloadedError unless `onStoreError` is `"anonymous"`
   */
  load(id: unknown, options?: LoadOptions): Promise<Session>;

  /**
   * Returns the living sessions of a user, newest first. One round trip and one per session, those at
   * once.
   */
  list(user: OfUser): Promise<SessionSummary[]>;

  /**
   * Destroys the sessions of a user. Returns how many. One that is saved at the same time is destroyed,
   * or stays destroyed; a login that comes later lives. Two round trips and one per session, those at once.
   */
  destroyAll(options: DestroyAllOptions): Promise<number>;
}

/** A session as an overview shows it; it has no id, since the store knows none. */
export interface SessionSummary {
  /** What the session is stored under: SHA-256 of its id. Safe to show; nobody can log in with it. */
  readonly handle: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;

  /** Returns what the session holds in a field, or `undefined`. */
  get<T = unknown>(field: string): T | undefined;

  /** Destroys this session. Returns whether it still lived. One round trip. */
  destroy(): Promise<boolean>;
}

/**
 * What is kept of one visitor between two requests: a dictionary, and what becomes of it.
 *
 * Reading and writing fields is synchronous and costs nothing; `save` stores what changed. Changes
 * inside of a value, as in `session.get("cart").push(item)`, are found by `save`. Methods that store may be called at
 * the same time: they take turns.
 */
export interface Session {
  /** The id for the cookie; `undefined` before the first save. A secret: whoever has it is the visitor. Never log it. */
  readonly id: string | undefined;

  /** What the session is stored under: SHA-256 of the id. Safe to log. */
  readonly handle: string | undefined;

  /** Whether nothing is stored of it yet, or no more. */
  readonly isNew: boolean;

  /** Whether there is nothing at all: no stored session, and no field. */
  readonly isEmpty: boolean;

  /** Whether a field was written or removed since it was loaded or saved. Changes inside of values do not show here; `save` finds them. */
  readonly modified: boolean;

  /** Whether anything was read or written. */
  readonly accessed: boolean;

  /** Whether the store could not be read: what is written here is not stored, and what is stored is not touched. */
  readonly detached: boolean;

  /** Returns a field's value, or `fallback`. The value is the session's own: change it, and `save` stores it. */
  get<T = unknown>(field: string): T | undefined;
  get<T>(field: string, fallback: T): T;

  /** Writes a field. @throws TypeError for `undefined`, and for a name that is no text or empty */
  set(field: string, value: unknown): this;

  /** Removes a field. Returns whether it existed. */
  delete(field: string): boolean;

  /** Removes a field and returns its value, or `fallback`. */
  pop<T = unknown>(field: string): T | undefined;
  pop<T>(field: string, fallback: T): T;

  /** Returns a field's value, which is set to `value` where the field is absent. */
  setDefault<T>(field: string, value: T): T;

  has(field: string): boolean;
  keys(): string[];
  entries(): [string, unknown][];

  /** Writes several fields. */
  update(fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>): this;

  /** Removes all fields. The session and its id stay. */
  clear(): void;

  /** Writes the field `testcookie`, to find out at the next request whether cookies come back. */
  setTestCookie(): void;
  testCookieWorked(): boolean;
  deleteTestCookie(): void;

  /**
   * Says how long this session lives: a duration since its last save; a `Date`; 0 to end its cookie
   * with the browser, and the session after the usual lifetime; `null` for the usual lifetime. One that has passed
   * destroys the session when it is saved.
   *
   * @throws TypeError for anything else
   */
  setExpiry(expiry: Duration | Date): void;

  /** The seconds that the session lives if it is saved now, rounded down; may be negative. */
  readonly expiryAge: number;

  /** When the session ends if it is saved now. */
  readonly expiryDate: Date;

  /** When the stored session ends, as far as this object knows; `undefined` where nothing is stored. */
  readonly endsAt: Date | undefined;

  /** The milliseconds until then; 0 where nothing is stored. */
  readonly remainingMs: number;

  /** Whether its cookie ends with the browser. */
  readonly expiresAtBrowserClose: boolean;

  /**
   * Stores what changed, in one atomic step: fields that others wrote meanwhile stay; of one field, the last
   * writer wins. An unchanged session writes nothing; a rolling one extends its life. A new session
   * gets its id here, unless it is empty. Returns whether anything was written. One round trip when
   * something is, and one more where its user is written.
   *
   * @throws SessionInterruptedError when the session was destroyed meanwhile; it stays destroyed
   * @throws EncodeError, ValueTooLargeError; nothing was written
   */
  save(): Promise<boolean>;

  /**
   * Gives the session a new id and stores what changed; the old id is dead. To be called when a visitor logs
   * in or out, or gains rights. One round trip, and two more for a session that has a user.
   *
   * @throws SessionInterruptedError when the session was destroyed meanwhile; it stays destroyed
   */
  regenerate(): Promise<void>;

  /**
   * Destroys the session, also where another request gave it a new id meanwhile, and empties this object; what is written
   * to it afterwards makes a new session. One round trip, two for a session that has a user.
   */
  destroy(): Promise<void>;
}
