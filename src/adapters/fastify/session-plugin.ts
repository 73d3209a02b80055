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
 * A Fastify plugin that gives each request the session of its visitor, a `Session`, as
 * `request.session`: loaded in `onRequest`, stored in `onSend`, before the headers leave, unless the
 * status is 500 or more. It counts where it is registered and below. One round trip per request with a
 * session cookie, none without; one more where something is to be stored.
 *
 * An unreachable store fails the request with status 503, a session that was destroyed meanwhile with
 * 400; both go through Fastify's error handling.
 *
 * @throws ConfigurationError, TypeError out of `register` for options that cannot be meant
 */
export const sessionPlugin: FastifyPluginAsync<SessionMiddlewareOptions> = Object.assign(
  plugSessions,
  {
    // The marks of a plugin that works on the context which registers it, instead of one of its own.
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

/** The session of a request, and the cookie that its reply has got for it. */
interface OpenSession {
  readonly own: RequestSession;
  readonly cookie: string | undefined;
}

/** What the hooks do with the sessions of the requests under way. */
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

  /** Returns what is to be sent, `undefined` for the payload as it is. */
  async commit(reply: FastifyReply, payload: unknown): Promise<unknown> {
    const opened = this.#open.get(reply.request);
    if (!opened) return undefined;
    // What fails here is answered by another reply, which comes here too: it must not fail again.
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
    // Past its error handlers, Fastify sends the status that is there. `reply.code()` would also be
    // that of a redirect by such a handler.
    reply.raw.statusCode = statusOf(error) ?? 500;
    throw error;
  }
}
