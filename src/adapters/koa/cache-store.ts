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

/** A session of koa-session: the visitor's fields, and `_expire` with `_maxAge`, or `_session`. */
type KoaSession = Readonly<Record<string, unknown>>;

/** The lifetime that koa-session asks for, in milliseconds; otherwise the store's own applies. */
type MaxAge = number | "session" | undefined;

/** The context of a call of the store. */
interface StoreCall {
  /** Koa's context: a write is compared with what the same request read. */
  readonly ctx?: unknown;
}

/** A session as one request last read or stored it. */
interface Known {
  readonly base: SessionBase;
  /** The fields that were read; absent once the request has stored others. */
  readonly read?: KoaSession | undefined;
}

/** koa-session asks for a lifetime that exceeds the session's own by this, in milliseconds. */
const padMs = 10_000;

/**
 * A store for koa-session: `session({ store: new CacheStore({ cache }) }, app)`.
 *
 * Errors have a `status`: 503 if the store is unreachable, 400 if a session with changes was destroyed
 * during the request.
 */
export class CacheStore {
  readonly #rules: StoreRules;
  /** The sessions of each request, by Koa's context and key. */
  readonly #requests = new WeakMap<object, Map<string, Known>>();
  /** The contexts of requests that destroyed a session to store it under another key, but found it gone. */
  readonly #interrupted = new WeakSet<object>();

  /** @throws ConfigurationError, TypeError */
  constructor(options: CacheStoreOptions) {
    this.#rules = resolveStore(options);
  }

  /** Returns the session under a key, `undefined` if it is missing or cannot be decoded. One round trip. */
  async get(
    key: string,
    _maxAge?: MaxAge,
    { ctx }: StoreCall = {},
  ): Promise<Record<string, unknown> | undefined> {
    const found = await withStatusOnError(this.#rules.store.get(key));
    if (!found) return undefined;
    const read = copyOf(withoutEnd(found.data));
    this.#remember(ctx, key, { base: found.base, read });
    return withEnd(found.data, found.remainingMs);
  }

  /**
   * Stores the changes since this request read the session. One round trip; none if nothing changed and
   * its life need not be extended.
   */
  async set(key: string, session: object, maxAge?: MaxAge, { ctx }: StoreCall = {}): Promise<void> {
    if (this.#interrupted.has(Object(ctx))) throw withStatus(new SessionInterruptedError());
    const data = plainFields(session);
    const known = this.#knownTo(ctx)?.get(key);
    const writing = { lifetimeMs: this.#lifetimeMs(maxAge, data), base: known?.base };
    const fields = withoutEnd(data);
    if (isDeepStrictEqual(fields, known?.read)) return this.#touch(key, writing);
    const stored = this.#rules.keepsEnds ? data : fields;
    const base = await withStatusOnError(this.#rules.store.set(key, stored, writing));
    this.#remember(ctx, key, { base });
  }

  /** Destroys a session. One round trip. */
  async destroy(key: string, { ctx }: StoreCall = {}): Promise<void> {
    const lived = await withStatusOnError(this.#rules.store.touch(key, { lifetimeMs: 0 }));
    const wasRead = this.#knownTo(ctx)?.delete(key) ?? false;
    if (wasRead && !lived) this.#interrupted.add(Object(ctx));
  }

  /** Extends the life of an unchanged session. One that was destroyed meanwhile stays destroyed, without an error. */
  async #touch(key: string, writing: SessionWriting): Promise<void> {
    if (!this.#rules.disableTouch) await withStatusOnError(this.#rules.store.touch(key, writing));
  }

  #lifetimeMs(maxAge: MaxAge, session: KoaSession): number {
    if (typeof maxAge === "number" && Number.isFinite(maxAge)) return Math.ceil(maxAge);
    return this.#rules.usualLifetimeMs(session);
  }

  #knownTo(ctx: unknown): Map<string, Known> | undefined {
    return this.#requests.get(Object(ctx));
  }

  #remember(ctx: unknown, key: string, known: Known): void {
    if (typeof ctx !== "object" || ctx === null) return;
    const sessions = this.#requests.get(ctx) ?? new Map<string, Known>();
    this.#requests.set(ctx, sessions.set(key, known));
  }
}

/** Gives an error of the store the status of its response. */
async function withStatusOnError<T>(task: Promise<T>): Promise<T> {
  try {
    return await task;
  } catch (error) {
    throw withStatus(error);
  }
}

/** Returns `undefined` for values that cannot be cloned, which a serializer of the user may return: the session counts as changed. */
function copyOf(session: KoaSession): KoaSession | undefined {
  try {
    return structuredClone(session);
  } catch {
    return undefined;
  }
}

/** Removes the session's end, which every save moves: `withEnd` computes it from the remaining lifetime. */
function withoutEnd(session: KoaSession): Record<string, unknown> {
  const { _expire, ...stored } = session;
  return stored;
}

function withEnd(session: Record<string, unknown>, remainingMs: number): Record<string, unknown> {
  if (typeof session["_maxAge"] !== "number" || !Number.isFinite(remainingMs)) return session;
  return { ...session, _expire: Math.ceil(Date.now() + remainingMs - padMs) };
}
