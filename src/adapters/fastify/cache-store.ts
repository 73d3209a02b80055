import type { SessionBase } from "../../contracts/session-store.ts";
import { type Callback, callBack } from "../http-session/callbacks.ts";
import { ObjectSessions } from "../http-session/object-sessions.ts";
import { cookieJson, plainFields } from "../http-session/plain-fields.ts";
import type { CacheStoreOptions } from "../http-session/store-rules.ts";

/** Where a session object comes from: what was read or stored, or a reading that failed. */
type Origin = { readonly base: SessionBase } | { readonly failure: unknown };

/**
 * The field that `get` adds to a session. Session packages make an object of their own of what they
 * get, so what it comes from travels as a field: a function, which no JSON and no hash of it shows.
 */
const linkField = "#cachewell";

/**
 * A store for `@fastify/session`: its sessions live in a cache, by default field by field, so that
 * requests side by side keep each other's fields. What is destroyed stays so: a request that had read
 * the session is told by a `SessionInterruptedError` when it stores it. Errors carry the
 * status that Fastify answers with: 503 for a store that does not serve, 400 for a session that was destroyed.
 */
export class CacheStore {
  readonly #sessions: ObjectSessions;
  /** By session objects that were stored, and by the links in those that were read. */
  readonly #origins: WeakMap<object, Origin> = new WeakMap();

  /** @throws ConfigurationError, TypeError */
  constructor(options: CacheStoreOptions) {
    this.#sessions = new ObjectSessions(options);
  }

  /** Gives the session of an id; `undefined` where there is none, or none that can be read. One round trip. */
  get<S>(id: string, callback: (error: unknown, session?: S | null) => void): void {
    callBack(this.#read(id), (error, session) => {
      callback(error, (error === null ? session : this.#unread(error)) as S | undefined); // what is kept, the caller knows
    });
  }

  /**
   * Stores a session: what it changed, where this store gave it, otherwise over whatever there is. One
   * round trip; none where nothing changed and its life need not be extended.
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

  /** `reload()` makes a session of it, though nothing was read: it must not be stored over what there is. */
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
    return this.#origins.get(session[linkField] as object); // or anything else, which no map knows
  }
}

/**
 * Returns the session with its cookie as in JSON. Reading a session gives its cookie an
 * `originalExpires`, what `expires` was; storing it from the start keeps that from being a change.
 */
function withPlainCookie(session: object): object {
  const cookie = "cookie" in session ? cookieJson(session.cookie) : undefined;
  if (!cookie) return session;
  const original =
    "originalExpires" in cookie && "expires" in cookie ? { originalExpires: cookie.expires } : {};
  return { ...session, cookie: plainFields({ ...cookie, ...original }) };
}
