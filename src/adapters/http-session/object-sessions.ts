import type { FoundSession, SessionBase, SessionWriting } from "../../contracts/session-store.ts";
import { plainSession } from "./plain-fields.ts";
import { type CacheStoreOptions, resolveStore, type StoreRules } from "./store-rules.ts";

/**
 * Session objects of packages that keep their cookie in them, `expires` among its fields. That moment
 * moves with each request, so it is not stored but told from what is left of the session's life.
 */
export class ObjectSessions {
  readonly #rules: StoreRules;
  readonly #manner: Pick<SessionWriting, "unchangedFails">;

  /**
   * @param manner how its package means it when it stores a session
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

  /** Stores a session, a later form of `base` where that is given. See `SessionStore.set`. */
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

  /** Whether `touch` would ask the store: where not, nobody need wait for it. */
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

/** What is stored instead of a moment. */
const hasEnd = true;

/** Writes to the cookie of `session`, which nobody else holds, where it says when it ends. */
function setEnds(session: Record<string, unknown>, end: unknown): void {
  const { cookie } = session;
  if (typeof cookie !== "object" || cookie === null) return;
  const own = cookie as { expires?: unknown; originalExpires?: unknown }; // fresh as well
  if (own.expires) own.expires = end;
  if (own.originalExpires) own.originalExpires = end;
}

/** Writes when it ends to the session's cookie: a moment, not its text, of which session packages make one anyway. */
function withEnd<Found extends FoundSession | undefined>(found: Found): Found {
  if (found && Number.isFinite(found.remainingMs))
    setEnds(found.data, new Date(Date.now() + found.remainingMs));
  return found;
}
