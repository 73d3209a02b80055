import type { Duration } from "../kit/duration.ts";
import type { Cache } from "./cache.ts";

/** Options of `createSessions`. */
export interface SessionsOptions {
  /**
   * The cache that stores the sessions. They lie beside its keys, so no `clear()` and no pattern of the
   * cache meets them. They use its connection, timeouts, serializer and compressor, but neither its
   * `ignoreErrors` nor its `ttl`.
   */
  readonly cache: Cache;

  /**
   * How long a session lives after its last save; a rolling session, after its last request.
   *
   * @default "14d"
   */
  readonly ttl?: Duration | undefined;

  /**
   * How long a session lives after its creation, whatever happens later. A new id does not restart it.
   * `null` sets no such bound.
   *
   * @default null
   */
  readonly absoluteTtl?: Duration | undefined;

  /**
   * Whether each request extends the session's life, not only a save that changes it. A session is
   * extended at most once per thousandth of its lifetime, so most requests write nothing.
   *
   * @default false
   */
  readonly rolling?: boolean | undefined;

  /** The beginning of these sessions' stored keys, after the cache's own prefix. @default "session:" */
  readonly keyPrefix?: string | undefined;

  /** The field that names a session's user, for `list` and `destroyAll`. @default "userId" */
  readonly userField?: string | undefined;

  /** The largest stored form of one session, in bytes. @default 65_536 */
  readonly maxBytes?: number | undefined;
}

/** Names the user whose sessions a call is about. */
export interface OfUser {
  /** The value of the sessions' `userField`. */
  readonly userId: string | number | bigint;
}

/** Which sessions `destroyAll` destroys. */
export interface DestroyAllOptions extends OfUser {
  /** A session to spare, usually that of the request itself. */
  readonly except?: Session | undefined;
}

/** Options of {@link Sessions.load}. */
export interface LoadOptions {
  /**
   * What `load` does with an id when the store is unreachable: reject with the error, or resolve with an
   * empty, detached session, which is never stored.
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
   * Returns the session of an id. For an absent, malformed, unknown or expired id, or that of a destroyed
   * session, returns an empty session, which gets an id of its own at its first save: an id that a client
   * made up is never adopted. A session that cannot be decoded counts as unknown and emits the cache's
   * `error` event. One round trip; none for an absent or malformed id.
   *
   * @throws StoreUnavailableError, CommandTimeoutError, OverloadedError unless `onStoreError` is `"anonymous"`
   */
  load(id: unknown, options?: LoadOptions): Promise<Session>;

  /**
   * Returns the living sessions of a user, newest first. One round trip, then one per session, in
   * parallel.
   */
  list(user: OfUser): Promise<SessionSummary[]>;

  /**
   * Destroys the sessions of a user. Returns how many. A session that is saved at the same time is
   * destroyed all the same; the session of a later login lives. Two round trips, and one per session, in
   * parallel.
   */
  destroyAll(options: DestroyAllOptions): Promise<number>;
}

/** A session in a list of a user's sessions. It has no id, since the store knows none. */
export interface SessionSummary {
  /** The session's {@link Session.handle}. Safe to show: nobody can log in with it. */
  readonly handle: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;

  /** Returns the value of a field, or `undefined`. */
  get<T = unknown>(field: string): T | undefined;

  /** Destroys this session. Returns whether it still existed. Two round trips; one if it did not. */
  destroy(): Promise<boolean>;
}

/**
 * The data that an application keeps about one visitor between requests: a dictionary of fields.
 *
 * Fields are read and written in memory; `save` stores what changed. It finds changes inside values too,
 * as in `session.get("cart").push(item)`. Methods that store may be called in parallel: each waits for
 * the one before.
 */
export interface Session {
  /** The id for the cookie; `undefined` before the first save. A secret: whoever knows it is the visitor. Never log it. */
  readonly id: string | undefined;

  /**
   * The end of the session's stored key: `{tag}` and the SHA-256 of the id, which does not reveal the id.
   * Safe to log. The tag is the beginning of the id, which `regenerate` keeps.
   */
  readonly handle: string | undefined;

  /** Whether the session is not stored: not yet, or no longer. */
  readonly isNew: boolean;

  /** Whether the session is not stored and has no field. */
  readonly isEmpty: boolean;

  /** Whether a field or the expiry was written since the last load or save. Does not see changes inside values; `save` finds those. */
  readonly modified: boolean;

  /** Whether a field was read or written. */
  readonly accessed: boolean;

  /** Whether the store was unreachable at the load. A detached session is never stored, and the stored one stays as it is. */
  readonly detached: boolean;

  /** Returns the value of a field, or `fallback`. It is no copy: `save` stores changes made to it. */
  get<T = unknown>(field: string): T | undefined;
  get<T>(field: string, fallback: T): T;

  /** Writes a field. @throws TypeError for the value `undefined`, and for a name that is empty or no text */
  set(field: string, value: unknown): this;

  /** Removes a field. Returns whether it existed. */
  delete(field: string): boolean;

  /** Removes a field and returns its value, or `fallback`. */
  pop<T = unknown>(field: string): T | undefined;
  pop<T>(field: string, fallback: T): T;

  /** Returns the value of a field, after setting it to `value` if the field is absent. */
  setDefault<T>(field: string, value: T): T;

  has(field: string): boolean;
  keys(): string[];
  entries(): [string, unknown][];

  /** Writes several fields. */
  update(fields: Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>): this;

  /** Removes all fields. The session and its id stay. */
  clear(): void;

  /** Writes the field `testcookie`, so that the next request can tell whether the client returns cookies. */
  setTestCookie(): void;
  testCookieWorked(): boolean;
  deleteTestCookie(): void;

  /**
   * Sets how long this session lives: a duration after its last save; until a `Date`; 0 for a cookie that
   * ends with the browser, and a session of the usual lifetime; `null` for the usual lifetime. A date in
   * the past destroys the session at the next save.
   *
   * @throws TypeError for anything else
   */
  setExpiry(expiry: Duration | Date): void;

  /** How many seconds the session lives if it is saved now, rounded down; may be negative. */
  readonly expiryAge: number;

  /** When the session ends if it is saved now. */
  readonly expiryDate: Date;

  /** When the stored session ends, as of the last load or save; `undefined` when it is not stored. */
  readonly endsAt: Date | undefined;

  /** The milliseconds until `endsAt`; 0 when the session is not stored. */
  readonly remainingMs: number;

  /** Whether the session's cookie ends with the browser. */
  readonly expiresAtBrowserClose: boolean;

  /**
   * Stores what changed, in one atomic step. Fields that other requests wrote meanwhile stay; of one field
   * the last writer wins. An unchanged session writes nothing, but extends its life if it is rolling. A new
   * session gets its id here, unless it is empty. Returns whether anything was written. One round trip if
   * so, and one more if the user's index needs an entry.
   *
   * @throws SessionInterruptedError when the session was destroyed meanwhile; it stays destroyed
   * @throws EncodeError, ValueTooLargeError before anything is written
   */
  save(): Promise<boolean>;

  /**
   * Gives the session a new id and stores what changed; the old id is dead. Call it when a visitor logs in
   * or out, or gains rights. The new id begins with the old one's slot tag, so that a cluster can keep both
   * keys together; all else of it is newly random. One round trip, and two more for a session with a user.
   *
   * @throws SessionInterruptedError when the session was destroyed meanwhile; it stays destroyed
   */
  regenerate(): Promise<void>;

  /**
   * Destroys the session, also when another request gave it a new id meanwhile, and empties this object.
   * Fields written afterwards begin another session. One round trip, two for a session with a user.
   */
  destroy(): Promise<void>;
}
