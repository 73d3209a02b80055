import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import {
  type HttpSessionRules,
  resolveHttpSession,
  type SessionMiddlewareOptions,
} from "../http-session/options.ts";
import { RequestSession, type SessionHeaders, statusOf } from "../http-session/request-session.ts";
import { discardPayload, guardPayload, statusOfPayload, takeOver } from "./payload.ts";
import { dropBodyHeaders, markReplyPersonal, replaceSetCookie } from "./reply-headers.ts";

/**
 * A Fastify plugin that gives each request its session, a `Session`, as `request.session`. It loads the
 * session in `onRequest` and stores its changes in `onSend`, before the headers are sent, unless the
 * status is 500 or more. It applies to the context that registers it and to those below. Costs one round
 * trip per request with a session cookie, and one more to store changes.
 *
 * Fails the request through Fastify's error handling: with status 503 if the store is unreachable, 400 if
 * the session was destroyed during the request.
 *
 * @throws ConfigurationError, TypeError from `register` for invalid options
 */
export const sessionPlugin: FastifyPluginAsync<SessionMiddlewareOptions> = Object.assign(
  plugSessions,
  {
    // Marks a plugin that applies to the context that registers it, instead of one of its own.
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "cachewell-session",
    [Symbol.for("plugin-meta")]: { name: "cachewell-session", fastify: "5.x" },
  },
);

async function plugSessions(
  app: FastifyInstance,
  options: SessionMiddlewareOptions,
): Promise<void> {
  const sessions = new SessionHooks(resolveHttpSession(options));
  app.decorateRequest("session", null, []);
  app.addHook("onRequest", (request) => sessions.open(request));
  app.addHook("onSend", (_request, reply, payload) => sessions.commit(reply, payload));
}

/** The session of a request, and the `Set-Cookie` header that its reply has for it. */
interface OpenSession {
  readonly own: RequestSession;
  readonly cookie: string | undefined;
}

/** Opens and commits the sessions of the requests in flight. */
class SessionHooks {
  readonly #rules: HttpSessionRules;
  readonly #open: WeakMap<FastifyRequest, OpenSession> = new WeakMap();

  constructor(rules: HttpSessionRules) {
    this.#rules = rules;
  }

  async open(request: FastifyRequest): Promise<void> {
    const cookieHeader = request.headers.cookie;
    const facts = { cookieHeader, isSecure: request.protocol === "https" };
    const own = await RequestSession.open(this.#rules, facts);
    this.#open.set(request, { own, cookie: undefined });
    Object.assign(request, { session: own.session });
  }

  /** Stores the session. Resolves with the body to send, `undefined` for the payload as it is. */
  async commit(reply: FastifyReply, payload: unknown): Promise<unknown> {
    const opened = this.#open.get(reply.request);
    if (!opened) return undefined;
    // A failure is answered by a reply that runs this hook again, and must not fail again.
    this.#open.delete(reply.request);
    guardPayload(payload);
    const { setCookie, isPersonal } = await store(opened.own, reply, payload);
    const body = takeOver(reply, payload);
    replaceSetCookie(reply, opened.cookie, setCookie);
    if (isPersonal) markReplyPersonal(reply);
    this.#open.set(reply.request, { own: opened.own, cookie: setCookie });
    return body;
  }
}

async function store(
  own: RequestSession,
  reply: FastifyReply,
  payload: unknown,
): Promise<SessionHeaders> {
  try {
    return await own.commit(statusOfPayload(payload) ?? reply.statusCode);
  } catch (error) {
    discardPayload(payload);
    dropBodyHeaders(reply);
    // The status of the reply unless an error handler sets one. `reply.code()` would also override the
    // status of a redirect by an error handler.
    reply.raw.statusCode = statusOf(error) ?? 500;
    throw error;
  }
}
