import { isStoreFailure, SessionInterruptedError } from "../../contracts/errors.ts";
import type { Session } from "../../contracts/sessions.ts";
import type { HttpSessionRules } from "./options.ts";
import { type Presented, SessionCookie } from "./session-cookie.ts";

/** The properties of a request that its session depends on. */
export interface RequestFacts {
  /** The `Cookie` header. */
  readonly cookieHeader: string | undefined;
  /** Whether the request came by https, according to the proxies that the framework trusts. */
  readonly isSecure: boolean;
}

/** The headers that a response needs for its session. */
export interface SessionHeaders {
  /** The `Set-Cookie` header to add, if any. */
  readonly setCookie: string | undefined;
  /** Whether the response depends on its visitor; see `markPersonal`. */
  readonly isPersonal: boolean;
}

/** The session of one request: read from its cookie, stored before its response is sent. */
export class RequestSession {
  readonly session: Session;
  readonly #rules: HttpSessionRules;
  readonly #cookie: SessionCookie;
  readonly #facts: RequestFacts;
  readonly #presented: Presented;
  readonly #endAtFirst: Date | undefined;

  private constructor(
    rules: HttpSessionRules,
    request: { readonly facts: RequestFacts; readonly presented: Presented },
    session: Session,
  ) {
    this.#rules = rules;
    this.#cookie = new SessionCookie(rules.cookie);
    this.#facts = request.facts;
    this.#presented = request.presented;
    this.session = session;
    this.#endAtFirst = session.endsAt;
  }

  /**
   * Loads the session of a request. One round trip, none without a valid session cookie.
   *
   * @throws the store's error, with `status` 503, unless `onStoreError` is `"anonymous"`
   */
  static async open(rules: HttpSessionRules, facts: RequestFacts): Promise<RequestSession> {
    const presented = new SessionCookie(rules.cookie).read(facts.cookieHeader);
    const { sessions, onStoreError } = rules;
    try {
      const session = await sessions.load(presented.id, { onStoreError });
      return new RequestSession(rules, { facts, presented }, session);
    } catch (error) {
      throw withStatus(error);
    }
  }

  /**
   * Stores the request's changes to its session, unless the status is 500 or more: then the request
   * failed. Call it before the response is sent. Resolves with the headers that the response needs.
   *
   * @throws SessionInterruptedError with `status` 400, or the store's error with 503 unless
   * `onStoreError` is `"anonymous"`
   */
  async commit(status: number): Promise<SessionHeaders> {
    const isStored = status >= 500 || (await this.#save());
    const setCookie = isStored ? this.#cookieToSend() : undefined;
    return { setCookie, isPersonal: setCookie !== undefined || this.session.accessed };
  }

  /**
   * Stores changes made after the headers were sent. Skips a session that is still new, since no cookie
   * can carry its id any more.
   */
  async commitLate(): Promise<void> {
    if (!this.session.isNew) await this.#save();
  }

  /** Resolves with whether the session is stored; `false` if the store is unreachable and `onStoreError` is `"anonymous"`. */
  async #save(): Promise<boolean> {
    try {
      await this.session.save();
      return true;
    } catch (error) {
      if (this.#rules.onStoreError === "fail" || !isStoreFailure(error)) throw withStatus(error);
      return false;
    }
  }

  #cookieToSend(): string | undefined {
    const { session } = this;
    const { isSecure } = this.#facts;
    if (session.detached) return undefined;
    if (session.id === undefined) {
      return this.#presented.isPresent && session.isEmpty
        ? this.#cookie.clear(isSecure)
        : undefined;
    }
    if (!this.#needsSending(session.id)) return undefined;
    const lifetime = session.expiresAtBrowserClose ? "browser" : session.remainingMs;
    return this.#cookie.write(session.id, lifetime, isSecure);
  }

  #needsSending(id: string): boolean {
    const { id: presentedId, isStale } = this.#presented;
    if (id !== presentedId || isStale || this.#rules.sessions.rolling) return true;
    return this.session.endsAt?.getTime() !== this.#endAtFirst?.getTime();
  }
}

/** Sets `status` and `statusCode`, which frameworks read, of an error that a session may cause; returns any other as it is. */
export function withStatus(error: unknown): unknown {
  const status = statusOf(error);
  if (status === undefined || !(error instanceof Error)) return error;
  return Object.assign(error, { status, statusCode: status, expose: false });
}

/** Returns the status for an error that a session may cause, 400 or 503; `undefined` for a bug. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof SessionInterruptedError) return error.status;
  return isStoreFailure(error) ? 503 : undefined;
}
