import { STATUS_CODES } from "node:http";
import type { Session } from "../../contracts/sessions.ts";
import { attachSession, foreignSessionError } from "../http-session/attached-session.ts";
import { resolveHttpSession, type SessionMiddlewareOptions } from "../http-session/options.ts";
import { markPersonal } from "../http-session/personal-response.ts";
import { headersToDrop } from "../http-session/replaced-response.ts";
import { RequestSession, type SessionHeaders, statusOf } from "../http-session/request-session.ts";
import { keepThroughErrors } from "./keep-through-errors.ts";

/** What the middleware adds to Koa's context: `new Koa<DefaultState, SessionContext>()`. */
export interface SessionContext {
  /** The session of this request's visitor. */
  readonly session: Session;
}

/** The part of Koa's context that the middleware uses. */
interface KoaContext {
  readonly secure: boolean;
  readonly headerSent: boolean;
  readonly response: { get(field: string): string; readonly headers: object };
  readonly onerror: (error: Error) => void;
  status: number;
  body: unknown;
  get(field: string): string;
  set(field: string, value: string): void;
  append(field: string, value: string): void;
  remove(field: string): void;
}

/** A middleware of any Koa application. */
export type SessionMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>;

/**
 * Returns a middleware that gives each request its session, as `ctx.session`, and stores its changes
 * before the response is sent, unless its status, or that of a thrown error, is 500 or more.
 *
 * Throws the session's error with its `status`: 503 if the store is unreachable, 400 if the session was
 * destroyed during the request. Costs one round trip per request with a session cookie, and one more to
 * store changes. A second session middleware in the same request does nothing.
 *
 * @throws ConfigurationError, TypeError
 */
export function sessionMiddleware(options: SessionMiddlewareOptions): SessionMiddleware {
  const rules = resolveHttpSession(options);
  return async (ctx, next) => {
    if (hasSession(ctx)) return void (await next());
    const facts = { cookieHeader: ctx.get("Cookie"), isSecure: ctx.secure };
    const request = await RequestSession.open(rules, facts);
    attachSession(ctx, request.session, "ctx.session");
    try {
      await next();
    } catch (error) {
      await finish(ctx, request, statusOfAnswer(error));
      throw error;
    }
    await finish(ctx, request, ctx.status);
  };
}

/** @throws ConfigurationError for the session of another package */
function hasSession(ctx: KoaContext): boolean {
  if (!("session" in ctx)) return false;
  const problem = foreignSessionError(ctx.session, "ctx.session");
  if (problem) throw problem;
  return true;
}

async function finish(ctx: KoaContext, request: RequestSession, status: number): Promise<void> {
  if (!ctx.headerSent) addHeaders(ctx, await commit(ctx, request, status));
  else if (status < 500) await request.commitLate();
}

async function commit(
  ctx: KoaContext,
  request: RequestSession,
  status: number,
): Promise<SessionHeaders> {
  try {
    return await request.commit(status);
  } catch (error) {
    dropResponse(ctx, statusOf(error) ?? 500);
    throw error;
  }
}

/** Takes back the handler's response: a middleware around this one may catch the error, and set a body of its own or none. */
function dropResponse(ctx: KoaContext, status: number): void {
  for (const name of headersToDrop(Object.keys(ctx.response.headers))) ctx.remove(name);
  ctx.status = status;
  ctx.body = STATUS_CODES[status];
  ctx.remove("Content-Type"); // Koa derives the type of the next body only where none is set
}

function addHeaders(ctx: KoaContext, headers: SessionHeaders): void {
  if (!headers.isPersonal) return;
  markPersonal({
    get: (name) => ctx.response.get(name) || undefined,
    set: (name, value) => ctx.set(name, value),
  });
  if (headers.setCookie !== undefined) ctx.append("Set-Cookie", headers.setCookie);
  keepThroughErrors(ctx, headers);
}

/** Returns the status of Koa's answer to a thrown error. */
function statusOfAnswer(error: unknown): number {
  if (!(error instanceof Error)) return 500;
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown };
  const own = status || statusCode;
  return typeof own === "number" && own in STATUS_CODES ? own : 500;
}
