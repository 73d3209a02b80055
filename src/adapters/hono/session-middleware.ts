import { STATUS_CODES } from "node:http";
import type { Context, MiddlewareHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import type { Session } from "../../contracts/sessions.ts";
import { foreignSessionError, markAttached } from "../http-session/attached-session.ts";
import {
  type HttpSessionRules,
  resolveHttpSession,
  type SessionMiddlewareOptions,
} from "../http-session/options.ts";
import { markPersonal } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";
import { RequestSession, type SessionHeaders, statusOf } from "../http-session/request-session.ts";

/** The environment of an application with sessions: `new Hono<SessionEnv>()`. */
export interface SessionEnv {
  Variables: {
    /** The session of this request's visitor. */
    session: Session;
  };
}

/**
 * Returns a middleware that gives each request its session, as `c.get("session")`, and stores its
 * changes before the response is sent, unless the status is 500 or more.
 *
 * Throws an `HTTPException` whose `cause` is the session's error: 503 if the store is unreachable, 400 if
 * the session was destroyed during the request. Costs one round trip per request with a session cookie,
 * and one more to store changes. A second session middleware in the same request does nothing.
 *
 * @throws ConfigurationError, TypeError
 */
export function sessionMiddleware(
  options: SessionMiddlewareOptions,
): MiddlewareHandler<SessionEnv> {
  const rules = resolveHttpSession(options);
  return async (c, next) => {
    if (hasSession(c)) return next();
    const request = await open(rules, c);
    markAttached(request.session);
    c.set("session", request.session);
    await next();
    addHeaders(c, await commit(request, c));
  };
}

/** @throws ConfigurationError for the session of another package */
function hasSession(c: Context<SessionEnv>): boolean {
  const session: Session | undefined = c.get("session");
  if (session === undefined) return false;
  const problem = foreignSessionError(session, "c.var.session");
  if (problem) throw problem;
  return true;
}

async function open(rules: HttpSessionRules, c: Context): Promise<RequestSession> {
  const facts = {
    cookieHeader: c.req.header("Cookie"),
    isSecure: new URL(c.req.url).protocol === "https:",
  };
  try {
    return await RequestSession.open(rules, facts);
  } catch (error) {
    throw asHttpException(error);
  }
}

async function commit(request: RequestSession, c: Context): Promise<SessionHeaders> {
  try {
    return await request.commit(c.res.status);
  } catch (error) {
    dropResponse(c);
    throw asHttpException(error);
  }
}

/** The message repeats the status only: that of the cause may name hosts. */
function asHttpException(cause: unknown): unknown {
  const status = statusOf(cause) as 400 | 503 | undefined; // it returns no others
  if (status === undefined) return cause;
  return new HTTPException(status, { message: STATUS_CODES[status] ?? "", cause });
}

/** Takes back the handler's response: Hono would add its headers to the response that answers the error. */
function dropResponse(c: Context): void {
  const { body, headers } = c.res;
  const kept = new Headers(headers);
  for (const name of headersToDrop(headers.keys())) kept.delete(name);
  c.res = undefined;
  c.res = new Response(null, { headers: kept });
  void body?.cancel().catch(() => undefined); // its source may fail to stop: nobody needs it any more
}

function addHeaders(c: Context, { setCookie, isPersonal }: SessionHeaders): void {
  if (!isPersonal) return;
  // c.header() copies the response: a handler may return one response to many visitors.
  if (setCookie !== undefined) c.header("Set-Cookie", setCookie, { append: true });
  markPersonal({
    get: (name) => c.res.headers.get(name) ?? undefined,
    set: (name, value) => setHeader(c, name, value),
  });
}

/** Copies only responses of `fetch()`, which cannot be changed: to copy all would halve the throughput of Hono's server for Node. */
function setHeader(c: Context, name: string, value: string): void {
  try {
    c.res.headers.set(name, value);
  } catch {
    c.header(name, value); // on a copy that Hono makes
  }
}
