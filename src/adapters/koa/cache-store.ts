import { isDeepStrictEqual } from "node:util";
import { SessionInterruptedError } from "../../contracts/errors.ts";
import type { SessionBase, SessionWriting } from "../../contracts/session-store.ts";
import { plainFields } from "../http-session/plain-fields.ts";
import { withStatus } from "../http-session/request-session.ts";
import {
  type CacheStoreOptions,
  resolveStore,
  type StoreRules,
} from "../http-session/store-rules.ts";

/** A session as koa-session hands it over: the visitor's fields, and `_expire` with `_maxAge`, or `_session`. */
type KoaSession = Readonly<Record<string, unknown>>;

/** How long koa-session wants a session to be stored: milliseconds, or as the store thinks best. */
type MaxAge = number | "session" | undefined;

/** For whom the store is asked. */
interface StoreCall {
  /** Koa's context: what one request reads is what its writes are compared with. */
  readonly ctx?: unknown;
}

/** What a request knows of a session. */
interface Known {
  /** The session as it was read or stored. */
  readonly base: SessionBase;
  /** What the session held then, until the request stores something else. */
  readonly read?: KoaSession | undefined;
}

/** By how much koa-session has a session stored for longer than it lives. */
const padMs = 10_000;

/**
 * A store for koa-session: `session({ store: new CacheStore({ cache }) }, app)`.
 *
 * Failures reject with a `status`: 503 where the store is not reached, 400 where a session that is to
 * be changed was destroyed meanwhile.
 */
export class CacheStore {
  readonly #rules: StoreRules;
  /** By Koa's context. */
  readonly #requests = new WeakMap<object, Map<string, Known>>();
  /** The contexts of requests that were to destroy a session, to store it anew under another key, when it was gone already. */
  readonly #interrupted = new WeakSet<object>();

  /** @throws ConfigurationError, TypeError */
  constructor(options: CacheStoreOptions) {
    this.#rules = resolveStore(options);
  }

  /** Returns the session under a key. One round trip. */
  async get(
    key: string,
    _maxAge?: MaxAge,
    { ctx }: StoreCall = {},
  ): Promise<Record<string, unknown> | undefined> {
    const found = await told(this.#rules.store.get(key));
    if (!found) return undefined;
    const read = copyOf(withoutEnd(found.data));
    this.#note(ctx, key, { base: found.base, read });
    return withEnd(found.data, found.remainingMs);
  }

  /**
   * Stores a session: what changed since this request read it. One round trip; where nothing changed,
   * none, unless its life is to be extended.
   */
  async set(key: string, session: object, maxAge?: MaxAge, { ctx }: StoreCall = {}): Promise<void> {
    if (this.#interrupted.has(Object(ctx))) throw withStatus(new SessionInterruptedError());
    const data = plainFields(session);
    const known = this.#knownTo(ctx)?.get(key);
    const writing = { lifetimeMs: this.#lifetimeMs(maxAge, data), base: known?.base };
    const fields = withoutEnd(data);
    if (isDeepStrictEqual(fields, known?.read)) return this.#touch(key, writing);
    const stored = this.#rules.keepsEnds ? data : fields;
    const base = await told(this.#rules.store.set(key, stored, writing));
    this.#note(ctx, key, { base });
  }

  /** Destroys a session. One round trip. */
  async destroy(key: string, { ctx }: StoreCall = {}): Promise<void> {
    const lived = await told(this.#rules.store.touch(key, { lifetimeMs: 0 }));
    const wasRead = this.#knownTo(ctx)?.delete(key) ?? false;
    if (wasRead && !lived) this.#interrupted.add(Object(ctx));
  }

  /** Extends the life of a session that this request leaves as it is, also where it was destroyed meanwhile: it stays so. */
  async #touch(key: string, writing: SessionWriting): Promise<void> {
    if (!this.#rules.disableTouch) await told(this.#rules.store.touch(key, writing));
  }

  #lifetimeMs(maxAge: MaxAge, session: KoaSession): number {
    if (typeof maxAge === "number" && Number.isFinite(maxAge)) return Math.ceil(maxAge);
    return this.#rules.usualLifetimeMs(session);
  }

  #knownTo(ctx: unknown): Map<string, Known> | undefined {
    return this.#requests.get(Object(ctx));
  }

  #note(ctx: unknown, key: string, known: Known): void {
    if (typeof ctx !== "object" || ctx === null) return;
    const sessions = this.#requests.get(ctx) ?? new Map<string, Known>();
    this.#requests.set(ctx, sessions.set(key, known));
  }
}

/** Returns what the store answers; its failure says by a status what that means for the response. */
async function told<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw withStatus(error);
  }
}

/** Returns `undefined` for what a serializer of the user's made and nobody can copy: it counts as changed. */
function copyOf(session: KoaSession): KoaSession | undefined {
  try {
    return structuredClone(session);
  } catch {
    return undefined;
  }
}

/** The moment of its end moves with every save: it is told from what is left of the session's life. */
function withoutEnd(session: KoaSession): Record<string, unknown> {
  const { _expire, ...stored } = session;
  return stored;
}

function withEnd(session: Record<string, unknown>, remainingMs: number): Record<string, unknown> {
  if (typeof session["_maxAge"] !== "number" || !Number.isFinite(remainingMs)) return session;
  return { ...session, _expire: Math.ceil(Date.now() + remainingMs - padMs) };
}
