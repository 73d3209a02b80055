import type { Cache } from "./cache.ts";

/** A session as session packages know it: a plain object. */
export type SessionData = Readonly<Record<string, unknown>>;

/** A session as it was read or stored: what later writes of the same request are compared with. */
export interface SessionBase {
  readonly id: string;
}

/** A session that was read. */
export interface FoundSession {
  /** A fresh object; nobody else holds it. */
  readonly data: Record<string, unknown>;
  readonly remainingMs: number;
  readonly base: SessionBase;
}

/** How long a session lives from now on, and what it is a later form of. */
export interface SessionWriting {
  /** Zero or less destroys the session. */
  readonly lifetimeMs: number;
  /** What the session was when this request read or stored it; without it the session is new, and stored over whatever there is. */
  readonly base?: SessionBase | undefined;
  /** Whether a session in which nothing changed lives longer for it. @default true */
  readonly extend?: boolean | undefined;
  /** Whether it is a failure that a session in which nothing changed was destroyed. @default true */
  readonly unchangedFails?: boolean | undefined;
}

/**
 * Sessions under ids that another package makes: the part that every `CacheStore` shares. Failures
 * reject with the errors of this library.
 */
export interface SessionStore {
  /** Returns the session, or `undefined` where there is none, or what there is cannot be read, which is told as an error of the cache. One round trip. */
  get(id: string): Promise<FoundSession | undefined>;

  /**
   * Stores a session. One round trip; none where nothing changed and its life need not be extended.
   * With `"merged"`, a write leaves the end where it is where `touch` would.
   *
   * @throws SessionInterruptedError when it was destroyed since `base`; it stays destroyed
   * @throws EncodeError, ValueTooLargeError; nothing was written
   */
  set(id: string, data: SessionData, writing: SessionWriting): Promise<SessionBase>;

  /**
   * Gives a session a lifetime. Returns false where it lives no more. One round trip; none where by what is
   * known of `base` the end would come later by less than a thousandth of the lifetime, or sooner by less than
   * that and 20 ms.
   */
  touch(id: string, writing: SessionWriting): Promise<boolean>;

  /** Whether `touch` would ask the store. */
  needsTouch(id: string, writing: SessionWriting): boolean;

  /** Destroys a session. One round trip. */
  destroy(id: string): Promise<void>;

  /** Returns all sessions that can be read. Scans the whole database, and one round trip per session. */
  all(): Promise<FoundSession[]>;

  /** Counts the sessions. Scans the whole database. */
  count(): Promise<number>;

  /** Destroys all sessions of this store. Scans the whole database, and one round trip per session. */
  clear(): Promise<void>;
}

/** How sessions are stored: `"merged"` field by field under hashed ids, or as connect-redis does: whole, as JSON, under the prefix and the id. */
export type SessionLayout = "merged" | "connect-redis";

/** Options of `openSessionStore`. */
export interface SessionStoreOptions {
  readonly cache: Cache;
  /** What the stored keys begin with: after the cache's own prefix, or with `"connect-redis"` instead of it. @default "sess:" */
  readonly prefix?: string | undefined;
  /** @default "merged" */
  readonly layout?: SessionLayout | undefined;
  /** How large the stored form of one session may be, in bytes. @default 65_536; with `"connect-redis"` no bound */
  readonly maxBytes?: number | undefined;
}
