import type { FoundSession, SessionBase, SessionWriting } from "../../contracts/session-store.ts";
import { plainSession } from "./plain-fields.ts";
import { type CacheStoreOptions, resolveStore, type StoreRules } from "./store-rules.ts";

/**
 * Stores session objects that contain their cookie, as those of express-session and `@fastify/session` do.
 * Each request moves the cookie's `expires`, so that is not stored: reading computes it from the
 * session's remaining lifetime.
 */
export class ObjectSessions {
  readonly #rules: StoreRules;
  readonly #manner: Pick<SessionWriting, "unchangedFails">;

  /**
   * @param manner what the session package means by storing an unchanged session
   * @throws ConfigurationError, TypeError
   */
  constructor(options: CacheStoreOptions, manner: Pick<SessionWriting, "unchangedFails"> = {}) {
    this.#rules = resolveStore(options);
    this.#manner = manner;
  }

  /** Returns the session of an id. One round trip. */
  get(id: string): Promise<FoundSession | undefined> {
    return this.#rules.store.get(id).then(withEnd);
  }

  /** Stores a session, which the request read as `base` if that is given. See `SessionStore.set`. */
  async set(id: string, session: object, base: SessionBase | undefined): Promise<SessionBase> {
    const data = plainSession(session);
    const lifetimeMs = this.#lifetimeMs(data);
    if (!this.#rules.keepsEnds) setEnds(data, hasEnd);
    const extend = !this.#rules.disableTouch;
    const { unchangedFails } = this.#manner;
    return this.#rules.store.set(id, data, { lifetimeMs, base, extend, unchangedFails });
  }

  /** Extends a session's life to the end of its cookie. */
  async touch(id: string, session: object, base: SessionBase | undefined): Promise<void> {
    if (this.#rules.disableTouch) return;
    await this.#rules.store.touch(id, { lifetimeMs: this.#lifetimeMs(session), base });
  }

  /** Returns whether `touch` would send a command. */
  needsTouch(id: string, session: object, base: SessionBase | undefined): boolean {
    if (this.#rules.disableTouch) return false;
    return this.#rules.store.needsTouch(id, { lifetimeMs: this.#lifetimeMs(session), base });
  }

  destroy(id: string): Promise<void> {
    return this.#rules.store.destroy(id);
  }

  async all(): Promise<Record<string, unknown>[]> {
    const found = await this.#rules.store.all();
    return found.map((one) => withEnd(one).data);
  }

  count(): Promise<number> {
    return this.#rules.store.count();
  }

  clear(): Promise<void> {
    return this.#rules.store.clear();
  }

  #lifetimeMs(session: object): number {
    const endsAtMs = "cookie" in session ? endOf(session.cookie) : undefined;
    if (endsAtMs !== undefined) return Math.ceil(endsAtMs - Date.now());
    return this.#rules.usualLifetimeMs(plainSession(session));
  }
}

function endOf(cookie: unknown): number | undefined {
  const expires = expiresOf(cookie);
  const endsAtMs = expires instanceof Date ? expires.getTime() : Date.parse(String(expires));
  return Number.isNaN(endsAtMs) ? undefined : endsAtMs;
}

function expiresOf(cookie: unknown): unknown {
  return typeof cookie === "object" && cookie !== null && "expires" in cookie
    ? cookie.expires
    : undefined;
}

/** The value that is stored instead of a moment. */
const hasEnd = true;

/** Replaces the moments at which the cookie ends. Changes `session`, which must be the caller's own copy. */
function setEnds(session: Record<string, unknown>, end: unknown): void {
  const { cookie } = session;
  if (typeof cookie !== "object" || cookie === null) return;
  const own = cookie as { expires?: unknown; originalExpires?: unknown }; // part of the copy
  if (own.expires) own.expires = end;
  if (own.originalExpires) own.originalExpires = end;
}

/** Sets the moments at which the session's cookie ends: as a `Date`, which spares session packages parsing a text. */
function withEnd<Found extends FoundSession | undefined>(found: Found): Found {
  if (found && Number.isFinite(found.remainingMs))
    setEnds(found.data, new Date(Date.now() + found.remainingMs));
  return found;
}
