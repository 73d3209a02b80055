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
import { DeferredResponse, type Storing } from "./deferred-response.ts";

/** A middleware of Express 4 and 5, connect, and whatever else calls middlewares as they do. */
export type SessionMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void;

/**
 * Returns the middleware that gives each request its session, as `req.session`, and stores what was
 * done to it before the response leaves; nothing where its status is 500 or more. What is done while a
 * response streams is stored before its end.
 *
 * Gives `next` the session's error, with a `status`: 503 where the store is not reached, 400 where the session
 * was destroyed meanwhile. One round trip per request with a session cookie, one more where something
 * is stored. A second one in the same request does nothing.
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

    /** Out of reach of the promise: what a handler throws is its own. */
    function begin(own: RequestSession): void {
      attachSession(request, own.session, "req.session");
      const storing = new RequestStoring({ own, rules, facts }, next);
      new DeferredResponse(response, storing).takeOver();
      next();
    }
  };
}

/** By `req.secure`, which knows of trusted proxies, where there is such a thing. */
function isSecure(request: IncomingMessage): boolean {
  if ("secure" in request && typeof request.secure === "boolean") return request.secure;
  return "encrypted" in request.socket && request.socket.encrypted === true;
}

interface OpenedRequest {
  readonly own: RequestSession;
  readonly rules: HttpSessionRules;
  readonly facts: RequestFacts;
}

/** Stores the session of one request. */
class RequestStoring implements Storing {
  readonly failed: (error: unknown) => void;
  readonly #request: OpenedRequest;
  readonly #atFirst: string;

  constructor(request: OpenedRequest, next: (error: unknown) => void) {
    this.#request = request;
    this.#atFirst = stateOf(request.own.session);
    this.failed = next;
  }

  /** Most responses that have nothing to do with the session need not even wait a tick. */
  isNeeded(): boolean {
    const { own, rules } = this.#request;
    const { accessed, modified } = own.session;
    const isUntouched = !accessed && !modified && stateOf(own.session) === this.#atFirst;
    return !isUntouched || rules.sessions.rolling || this.#mayOweCookie();
  }

  beforeLeaving(status: number): Promise<SessionHeaders> {
    return this.#request.own.commit(status);
  }

  isNeededLate(status: number): boolean {
    const { accessed, modified } = this.#request.own.session;
    return status < 500 && (accessed || modified);
  }

  beforeEnd(): Promise<void> {
    return this.#request.own.commitLate();
  }

  /** Whether an untouched session's cookie may have to go, or to be signed anew. */
  #mayOweCookie(): boolean {
    const { own, rules, facts } = this.#request;
    if (own.session.id !== undefined) return rules.cookie.secrets.length > 1;
    return readCookies(facts.cookieHeader, rules.cookie.name).length > 0;
  }
}

function stateOf({ id, endsAt }: Session): string {
  return `${id} ${endsAt?.getTime()}`;
}
