import type { FoundSession, SessionBase } from "../../contracts/session-store.ts";
import { type Callback, callBack } from "../http-session/callbacks.ts";
import { ObjectSessions } from "../http-session/object-sessions.ts";
import { ObjectTags } from "../http-session/object-tags.ts";
import type { CacheStoreOptions } from "../http-session/store-rules.ts";
import { corkResponse } from "./cork-response.ts";
import { StoreBase } from "./store-base.ts";

/**
 * A store for `express-session` that keeps sessions in a cache, by default field by field, so that
 * concurrent requests keep each other's changes. A destroyed session never comes back: a request that
 * read it before gets a `SessionInterruptedError` when it stores it. Errors have the `status` that Express
 * answers with: 503 for an unreachable store, 400 for a destroyed session.
 */
export class CacheStore extends StoreBase {
  readonly #sessions: ObjectSessions;
  /** The state of each session object when it was last read or stored. */
  readonly #bases: ObjectTags<SessionBase> = new ObjectTags();

  /** @throws ConfigurationError, also if express-session is not installed; TypeError */
  constructor(options: CacheStoreOptions) {
    super();
    // `resave` also stores unchanged sessions: if one was destroyed, nothing is lost.
    this.#sessions = new ObjectSessions(options, { unchangedFails: false });
  }

  /** Makes the session object of a request. */
  override createSession<S>(request: object, session: object): S {
    const created = super.createSession<S & object>(request, withOwnCookie(session));
    const base = this.#bases.get(session);
    if (base) this.#bases.set(created, base);
    return created;
  }

  /** Reads a session; `null` if it is missing or cannot be decoded. One round trip. */
  get<S>(id: string, callback: (error: unknown, session?: S | null) => void): void {
    const session = this.#sessions.get(id).then((found) => this.#remember(found));
    callBack(session as Promise<S | null>, callback); // the caller knows the type
  }

  /**
   * Stores the changes of a session that this store read; overwrites any other. One round trip; none if
   * nothing changed and its life need not be extended.
   */
  set(id: string, session: object, callback?: Callback): void {
    callBack(this.#write(id, session), callback, corkResponse(session));
  }

  /**
   * Extends a session's life to the end of its cookie. One round trip; none if that moves its end
   * by less than a thousandth of its lifetime (`SessionStore.touch`). The callback is then called
   * synchronously, and express-session sends the response in one write.
   */
  touch(id: string, session: object, callback?: Callback): void {
    const base = this.#bases.get(session);
    if (!this.#needsTouch(id, session, base)) callback?.(null);
    else callBack(this.#sessions.touch(id, session, base), callback, corkResponse(session));
  }

  /** Destroys a session. One round trip. */
  destroy(id: string, callback?: Callback): void {
    callBack(this.#sessions.destroy(id), callback);
  }

  /** Reads all sessions that can be decoded. Scans the whole database; one round trip per session besides. */
  all<S>(callback: (error: unknown, sessions?: S[] | null) => void): void {
    callBack(this.#sessions.all() as Promise<S[]>, callback); // the caller knows the type
  }

  /** Counts the sessions. Scans the whole database. */
  length(callback: (error: unknown, length?: number) => void): void {
    callBack(this.#sessions.count(), callback);
  }

  /** Destroys all sessions of this store. Scans the whole database; one round trip per session besides. */
  clear(callback?: Callback): void {
    callBack(this.#sessions.clear(), callback);
  }

  #needsTouch(id: string, session: object, base: SessionBase | undefined): boolean {
    try {
      return this.#sessions.needsTouch(id, session, base);
    } catch {
      return true; // a `ttl` function of the user threw: `touch` reports it
    }
  }

  #remember(found: FoundSession | undefined): object | null {
    if (!found) return null;
    this.#bases.set(found.data, found.base);
    return found.data;
  }

  async #write(id: string, session: object): Promise<void> {
    const base = await this.#sessions.set(id, session, this.#bases.get(session));
    this.#bases.set(session, base);
  }
}

/** Removes a field `__proto__` of the cookie: express-session copies its fields, and would set the prototype. */
function withOwnCookie(session: object): object {
  const cookie = "cookie" in session ? session.cookie : undefined;
  if (typeof cookie !== "object" || cookie === null) return session; // express-session refuses it
  if (!Object.hasOwn(cookie, "__proto__")) return session;
  const fields = Object.entries(cookie).filter(([name]) => name !== "__proto__");
  return Object.assign(session, { cookie: Object.fromEntries(fields) });
}
