import { isStoreFailure, SessionInterruptedError } from "../../contracts/errors.ts";
import type { Session } from "../../contracts/sessions.ts";
import type { HttpSessionRules } from "./options.ts";
import { type Presented, SessionCookie } from "./session-cookie.ts";

/** What a request tells of itself. */
export interface RequestFacts {
  /** Its `Cookie` header. */
  readonly cookieHeader: string | undefined;
  /** Whether it came by https, as far as the framework trusts its proxies. */
  readonly isSecure: boolean;
}

/** What a response has to carry. */
export interface SessionHeaders {
  /** The `Set-Cookie` header to add. */
  readonly setCookie: string | undefined;
  /**
   * Whether the response depends on who asked: it gets `Vary: Cookie`, and `Cache-Control: private`
   * unless it says something of its own.
   */
  readonly isPersonal: boolean;
}

/** The session of one request, from the cookie that came to the one that goes. */
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
   * Loads the session of a request. One round trip, none without a cookie of ours.
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
   * Stores what the request did to its session, nothing where it fails (a status of 500 or more).
   * Returns what the response has to carry. To be called before the response leaves.
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
   * Stores what was done after the response began to leave. A session that is new then is not stored,
   * since its id could reach nobody.
   */
  async commitLate(): Promise<void> {
    if (!this.session.isNew) await this.#save();
  }

  /** Returns whether what is known of the session is what is stored. */
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

/** Says by `status` and `statusCode`, which frameworks go by, what an error means for its response. */
export function withStatus(error: unknown): unknown {
  const status = statusOf(error);
  if (status === undefined || !(error instanceof Error)) return error;
  return Object.assign(error, { status, statusCode: status, expose: false });
}

/** Returns the status that answers an error of a session; `undefined` for what is a bug. */
export function statusOf(error: unknown): number | undefined {
  if (error instanceof SessionInterruptedError) return error.status;
  return isStoreFailure(error) ? 503 : undefined;
}
