import type { IncomingMessage, ServerResponse } from "node:http";
import type { Session } from "../../contracts/sessions.ts";
import { attachSession, foreignSessionError } from "../http-session/attached-session.ts";
import { readCookies } from "../http-session/cookie-header.ts";
import {
  type HttpSessionRules,
  resolveHttpSession,
  type SessionMiddlewareOptions,
} from "../http-session/options.ts";
import {
  type RequestFacts,
  RequestSession,
  type SessionHeaders,
} from "../http-session/request-session.ts";
import { DeferredResponse, type SessionCommit } from "./deferred-response.ts";

/** A middleware of Express 4 and 5, connect, and anything else that calls middlewares as they do. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Returns a middleware that gives each request its session, as `req.session`, and stores its changes
 * before the response is sent, unless the status is 500 or more. Changes made while a response streams
 * are stored before it ends.
 *
 * Calls `next` with the session's error and its `status`: 503 if the store is unreachable, 400 if the
 * session was destroyed during the request. Costs one round trip per request with a session cookie,
 * and one more to store changes. A second session middleware in the same request does nothing.
 *
 * @throws ConfigurationError, TypeError
 */
export function sessionMiddleware(options: SessionMiddlewareOptions): SessionMiddleware {
  const rules = resolveHttpSession(options);
  return (request, response, next) => {
    if ("session" in request && request.session) {
      return next(foreignSessionError(request.session, "req.session"));
    }
    const facts = { cookieHeader: request.headers.cookie, isSecure: isSecure(request) };
    RequestSession.open(rules, facts).then(
      (own) => process.nextTick(() => begin(own)),
      (error: unknown) => process.nextTick(next, error),
    );

    /** Runs outside the promise, so that an error thrown by a handler rejects nothing here. */
    function begin(own: RequestSession): void {
      attachSession(request, own.session, "req.session");
      const commit = new RequestCommit({ own, rules, facts }, next);
      new DeferredResponse(response, commit).takeOver();
      next();
    }
  };
}

/** Prefers `req.secure`, which respects trusted proxies; connect and plain Node have none. */
function isSecure(request: IncomingMessage): boolean {
  if ("secure" in request && typeof request.secure === "boolean") return request.secure;
  return "encrypted" in request.socket && request.socket.encrypted === true;
}

interface OpenedRequest {
  readonly own: RequestSession;
  readonly rules: HttpSessionRules;
  readonly facts: RequestFacts;
}

/** Stores the session of one request before its response is sent, and before it ends. */
class RequestCommit implements SessionCommit {
  readonly failed: (error: unknown) => void;
  readonly #request: OpenedRequest;
  readonly #atFirst: string;

  constructor(request: OpenedRequest, next: (error: unknown) => void) {
    this.#request = request;
    this.#atFirst = stateOf(request.own.session);
    this.failed = next;
  }

  /** `false` for most responses that do not use the session: they are sent at once. */
  isNeeded(): boolean {
    const { own, rules } = this.#request;
    const { accessed, modified } = own.session;
    const isUntouched = !accessed && !modified && stateOf(own.session) === this.#atFirst;
    return !isUntouched || rules.sessions.rolling || this.#mayOweCookie();
  }

  commit(status: number): Promise<SessionHeaders> {
    return this.#request.own.commit(status);
  }

  isNeededLate(status: number): boolean {
    const { accessed, modified } = this.#request.own.session;
    return status < 500 && (accessed || modified);
  }

  commitLate(): Promise<void> {
    return this.#request.own.commitLate();
  }

  /** Returns whether the cookie of an untouched session may have to be cleared, or signed again. */
  #mayOweCookie(): boolean {
    const { own, rules, facts } = this.#request;
    if (own.session.id !== undefined) return rules.cookie.secrets.length > 1;
    return readCookies(facts.cookieHeader, rules.cookie.name).length > 0;
  }
}

function stateOf({ id, endsAt }: Session): string {
  return `${id} ${endsAt?.getTime()}`;
}
