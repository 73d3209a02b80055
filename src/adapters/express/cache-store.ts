import type { FoundSession, SessionBase } from "../../contracts/session-store.ts";
import { type Callback, callBack } from "../http-session/callbacks.ts";
import { ObjectSessions } from "../http-session/object-sessions.ts";
import { ObjectTags } from "../http-session/object-tags.ts";
import type { CacheStoreOptions } from "../http-session/store-rules.ts";
import { corkResponse } from "./cork-response.ts";
import { StoreBase } from "./store-base.ts";

/**
 * A store for `express-session`: its sessions live in a cache, by default field by field, so that
 * requests side by side keep each other's fields. What is destroyed stays so: a request that had read
 * the session gets a `SessionInterruptedError` when it stores it. Errors carry the status that Express answers
 * with: 503 for a store that does not serve, 400 for a session that was destroyed.
 */
export class CacheStore extends StoreBase {
  readonly #sessions: ObjectSessions;
  /** What session objects were when they were read or stored. */
  readonly #bases: ObjectTags<SessionBase> = new ObjectTags();

  /** @throws ConfigurationError, for a missing express-session too; TypeError */
  constructor(options: CacheStoreOptions) {
    super();
    // `resave` stores sessions in which nothing changed, too: nothing is lost where they are gone.
    this.#sessions = new ObjectSessions(options, { unchangedFails: false });
  }

  /** Makes the session object of a request. */
  override createSession<S>(request: object, session: object): S {
    const created = super.createSession<S & object>(request, withOwnCookie(session));
    const base = this.#bases.get(session);
    if (base) this.#bases.set(created, base);
    return created;
  }

  /** Gives the session of an id; `null` where there is none, or none that can be read. One round trip. */
  get<S>(id: string, callback: (error: unknown, session?: S | null) => void): void {
    const session = this.#sessions.get(id).then((found) => this.#noted(found));
    callBack(session as Promise<S | null>, callback); // what is kept, the caller knows
  }

  /**
   * Stores a session: what it changed, where this store gave it, otherwise over whatever there is. One
   * round trip; none where nothing changed and its life need not be extended.
   */
  set(id: string, session: object, callback?: Callback): void {
    callBack(this.#write(id, session), callback, corkResponse(session));
  }

  /**
   * Extends a session's life to the end of its cookie. One round trip; none where that changes next to
   * nothing, and the callback is called at once then: express-session sends the response in one piece.
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

  /** Gives all sessions that can be read. Scans the whole database, and one round trip per session. */
  all<S>(callback: (error: unknown, sessions?: S[] | null) => void): void {
    callBack(this.#sessions.all() as Promise<S[]>, callback); // what is kept, the caller knows
  }

  /** Counts the sessions. Scans the whole database. */
  length(callback: (error: unknown, length?: number) => void): void {
    callBack(this.#sessions.count(), callback);
  }

  /** Destroys all sessions of this store. Scans the whole database, and one round trip per session. */
  clear(callback?: Callback): void {
    callBack(this.#sessions.clear(), callback);
  }

  #needsTouch(id: string, session: object, base: SessionBase | undefined): boolean {
    try {
      return this.#sessions.needsTouch(id, session, base);
    } catch {
      return true; // a `ttl` of the user's that throws; `touch` will tell
    }
  }

  #noted(found: FoundSession | undefined): object | null {
    if (!found) return null;
    this.#bases.set(found.data, found.base);
    return found.data;
  }

  async #write(id: string, session: object): Promise<void> {
    const base = await this.#sessions.set(id, session, this.#bases.get(session));
    this.#bases.set(session, base);
  }
}

/** A field `__proto__` would change what the cookie is, once express-session has copied it. */
function withOwnCookie(session: object): object {
  const cookie = "cookie" in session ? session.cookie : undefined;
  if (typeof cookie !== "object" || cookie === null) return session; // for express-session to refuse
  if (!Object.hasOwn(cookie, "__proto__")) return session;
  const fields = Object.entries(cookie).filter(([name]) => name !== "__proto__");
  return Object.assign(session, { cookie: Object.fromEntries(fields) });
}
