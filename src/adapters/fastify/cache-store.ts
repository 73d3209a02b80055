import type { SessionBase } from "../../contracts/session-store.ts";
import { type Callback, callBack } from "../http-session/callbacks.ts";
import { ObjectSessions } from "../http-session/object-sessions.ts";
import { cookieJson, plainFields } from "../http-session/plain-fields.ts";
import type { CacheStoreOptions } from "../http-session/store-rules.ts";

/** Where a session object comes from: a state that was read or stored, or a read that failed. */
type Origin = { readonly base: SessionBase } | { readonly failure: unknown };

/**
 * The field by which a session carries its origin. `@fastify/session` copies the fields of the object
 * that `get` returns. The value is a function, so that neither JSON nor a hash of it includes it.
 */
const linkField = "#cachewell";

/**
 * A store for `@fastify/session` that keeps sessions in a cache, by default field by field, so that
 * concurrent requests keep each other's changes. A destroyed session never comes back: a request that
 * read it before gets a `SessionInterruptedError` when it stores it. Errors have the `status` that Fastify
 * answers with: 503 for an unreachable store, 400 for a destroyed session.
 */
export class CacheStore {
  readonly #sessions: ObjectSessions;
  /** The keys are session objects that were stored, and links of sessions that were read. */
  readonly #origins: WeakMap<object, Origin> = new WeakMap();

  /** @throws ConfigurationError, TypeError */
  constructor(options: CacheStoreOptions) {
    this.#sessions = new ObjectSessions(options);
  }

  /** Reads a session; `undefined` if it is missing or cannot be decoded. One round trip. */
  get<S>(id: string, callback: (error: unknown, session?: S | null) => void): void {
    callBack(this.#read(id), (error, session) => {
      callback(error, (error === null ? session : this.#unread(error)) as S | undefined); // the caller knows the type
    });
  }

  /**
   * Stores the changes of a session that this store read; overwrites any other. One round trip; none if
   * nothing changed and its life need not be extended.
   */
  set(id: string, session: object, callback?: Callback): void {
    callBack(this.#write(id, session), callback);
  }

  /** Destroys a session. One round trip. */
  destroy(id: string, callback?: Callback): void {
    callBack(this.#sessions.destroy(id), callback);
  }

  async #read(id: string): Promise<object | undefined> {
    const found = await this.#sessions.get(id);
    return found && { ...found.data, ...this.#linkTo({ base: found.base }) };
  }

  /** Returns an object that cannot be stored: `reload()` makes a session even of a failed read, which must not overwrite the stored one. */
  #unread(failure: unknown): object {
    return this.#linkTo({ failure });
  }

  async #write(id: string, session: object): Promise<void> {
    const origin = this.#originOf(session);
    if (origin && "failure" in origin) throw origin.failure;
    const base = await this.#sessions.set(id, withPlainCookie(session), origin?.base);
    this.#origins.set(session, { base });
  }

  #linkTo(origin: Origin): object {
    // oxlint-disable-next-line unicorn/consistent-function-scoping -- each is the key of one origin
    const link = (): void => undefined;
    this.#origins.set(link, origin);
    return { [linkField]: link };
  }

  #originOf(session: object): Origin | undefined {
    const stored = this.#origins.get(session);
    if (stored || !(linkField in session)) return stored;
    return this.#origins.get(session[linkField] as object); // the map has no entry for anything else
  }
}

/**
 * Returns the session with its cookie as in JSON. `@fastify/session` sets `originalExpires` to `expires` when
 * it reads a session; storing it with the first write keeps that from counting as a change.
 */
function withPlainCookie(session: object): object {
  const cookie = "cookie" in session ? cookieJson(session.cookie) : undefined;
  if (!cookie) return session;
  const original =
    "originalExpires" in cookie && "expires" in cookie ? { originalExpires: cookie.expires } : {};
  return { ...session, cookie: plainFields({ ...cookie, ...original }) };
}
