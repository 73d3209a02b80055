import type { Cache } from "./cache.ts";

/** A session as session packages know it: a plain object. */
export type SessionData = Readonly<Record<string, unknown>>;

/** A session as a request read or wrote it. Later writes of the same request are compared with it. */
export interface SessionBase {
  readonly id: string;
}

/** A session as a read returns it. */
export interface FoundSession {
  /** A fresh object; nobody else holds it. */
  readonly data: Record<string, unknown>;
  readonly remainingMs: number;
  readonly base: SessionBase;
}

/** How to write a session. */
export interface SessionWriting {
  /** How long the session lives from now on. Zero or less destroys it. */
  readonly lifetimeMs: number;
  /** The session as this request read or wrote it. Without a base the write replaces whatever is stored. */
  readonly base?: SessionBase | undefined;
  /** Whether to extend the life of a session in which nothing changed. @default true */
  readonly extend?: boolean | undefined;
  /** Whether to reject when a session in which nothing changed was destroyed meanwhile. @default true */
  readonly unchangedFails?: boolean | undefined;
}

/**
 * Stores sessions under ids that another package makes; every `CacheStore` uses it. A failure rejects
 * with an error of this library.
 */
export interface SessionStore {
  /** Returns the session, or `undefined` when missing or undecodable; the latter emits the cache's `error` event. One round trip. */
  get(id: string): Promise<FoundSession | undefined>;

  /**
   * Stores a session. One round trip; none if nothing changed and its life need not be extended. With
   * `"merged"`, a write leaves the session's end alone if `touch` would.
   *
   * @throws SessionInterruptedError when the session was destroyed since `base`; it stays destroyed
   * @throws EncodeError, ValueTooLargeError before anything is written
   */
  set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase>;

  /**
   * Sets the lifetime of a session. Returns false when the session no longer exists. One round trip; none
   * if, by what `base` knows, it would move the expiry by less than 0.1 % of the lifetime (when shortening:
   * at most 20 ms).
   */
  touch(id: string, writing: SessionWriting): Promise<boolean>;

  /** Whether `touch` would take a round trip. */
  needsTouch(id: string, writing: SessionWriting): boolean;

  /** Destroys a session. One round trip. */
  destroy(id: string): Promise<void>;

  /** Returns all sessions that can be decoded. Scans the whole database, then takes one round trip per session. */
  all(): Promise<FoundSession[]>;

  /** Counts the sessions. Scans the whole database. */
  count(): Promise<number>;

  /** Destroys all sessions of this store. Scans the whole database and takes one round trip per session; with `"connect-redis"`, one per 500. */
  clear(): Promise<void>;
}

/**
 * How sessions are stored. `"merged"`: field by field, under hashed ids; parallel requests keep each
 * other's fields. `"connect-redis"`: each as one JSON text under the prefix and the id, as that package does.
 */
export type SessionLayout = "merged" | "connect-redis";

/** Options of `openSessionStore`. */
export interface SessionStoreOptions {
  readonly cache: Cache;
  /** The beginning of the stored keys: after the cache's own prefix or, with `"connect-redis"`, instead of it. @default "sess:" */
  readonly prefix?: string | undefined;
  /** @default "merged" */
  readonly layout?: SessionLayout | undefined;
  /** The largest stored form of one session, in bytes. @default 65_536; with `"connect-redis"` no bound */
  readonly maxBytes?: number | undefined;
}
