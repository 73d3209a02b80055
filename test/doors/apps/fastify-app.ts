import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { sessionPlugin } from "../../../src/adapters/fastify/index.ts";
import type { Session, Sessions } from "../../../src/contracts/sessions.ts";
import { interrupt, lastingHeaders, replacedHeaders } from "../support/replaced-response.ts";
import {
  apology,
  type SessionApp,
  type SessionAppKind,
  type SessionAppOptions,
  type SessionFailure,
} from "../support/session-app.ts";

/** The test application on Fastify. */
export const fastifyApp: SessionAppKind = {
  name: "Fastify",

  async start({ errorAnswer, ...options }: SessionAppOptions): Promise<SessionApp> {
    // Tests write long values into paths.
    const app = Fastify({ forceCloseConnections: true, routerOptions: { maxParamLength: 10_000 } });
    await app.register(sessionPlugin, options);
    addLogin(app, options.sessions);
    addFields(app);
    addFailures(app, options.sessions);
    if (errorAnswer) app.setErrorHandler<SessionFailure>(apologizing(errorAnswer));
    addLongAnswers(app);
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return { url, close: () => app.close() };
  },
};

/** Returns the request's session: as a declared field of requests it would meet that of `@fastify/session`. */
export function sessionOf(request: FastifyRequest): Session {
  return request.getDecorator<Session>("session");
}

interface FieldParams {
  readonly field: string;
  readonly value: string;
}

function addLogin(app: FastifyInstance, sessions: Sessions): void {
  app.get("/public", () => ({ public: true }));

  app.get("/me", (request) => {
    const session = sessionOf(request);
    const user = session.get<string>("userId") ?? null;
    return { user, new: session.isNew, detached: session.detached };
  });

  app.post<{ Params: { readonly user: string } }>("/login/:user", async (request) => {
    const { user } = request.params;
    await sessionOf(request).set("userId", user).regenerate();
    return { user };
  });

  app.post("/logout", async (request, reply) => {
    await sessionOf(request).destroy();
    return reply.code(204).send();
  });

  app.post("/logout-everywhere", async (request) => {
    const userId = sessionOf(request).get<string>("userId");
    return { destroyed: userId === undefined ? 0 : await sessions.destroyAll({ userId }) };
  });

  app.post("/regenerate", async (request) => {
    await sessionOf(request).regenerate();
    return { ok: true };
  });

  app.post<{ Params: { readonly seconds: string } }>("/expiry/:seconds", (request) => {
    sessionOf(request).setExpiry(Number(request.params.seconds));
    return { ok: true };
  });
}

function addFields(app: FastifyInstance): void {
  app.get("/fields", (request) => Object.fromEntries(sessionOf(request).entries()));

  app.post<{ Params: FieldParams }>("/set/:field/:value", (request) => {
    setField(request);
    return { ok: true };
  });

  app.post<{ Params: FieldParams; Querystring: { readonly ms: string } }>(
    "/slow-set/:field/:value",
    async (request) => {
      sessionOf(request).get(request.params.field);
      await wait(Number(request.query.ms));
      setField(request);
      return { ok: true };
    },
  );

  app.post<{ Params: { readonly item: string } }>("/push/:item", (request) => {
    const cart = sessionOf(request).setDefault<string[]>("cart", []);
    cart.push(request.params.item);
    return { cart };
  });

  app.post<{ Params: { readonly field: string } }>("/delete/:field", (request) => ({
    deleted: sessionOf(request).delete(request.params.field),
  }));
}

function apologizing(how: "text" | "stream") {
  return ({ status }: SessionFailure, _request: FastifyRequest, reply: FastifyReply) =>
    reply.code(status).send(how === "text" ? apology.text : Readable.from(apology.pieces));
}

function addFailures(app: FastifyInstance, sessions: Sessions): void {
  app.post("/interrupted", async (request, reply) => {
    await interrupt(sessionOf(request), sessions);
    return reply
      .code(201)
      .headers({ ...replacedHeaders, ...lastingHeaders })
      .send("replaced");
  });

  app.post("/interrupted-json", async (request) => {
    await interrupt(sessionOf(request), sessions);
    return { replaced: false };
  });

  app.post<{ Params: FieldParams }>("/fail/:field/:value", async (request, reply) => {
    setField(request);
    return reply.code(500).send({ failed: true });
  });

  app.post<{ Params: FieldParams }>("/save-then-fail/:field/:value", async (request, reply) => {
    setField(request);
    await sessionOf(request).save();
    return reply.code(500).send({ failed: true });
  });

  app.post<{ Params: FieldParams }>("/throw/:field/:value", (request) => {
    setField(request);
    throw new Error("thrown by the handler");
  });
}

function addLongAnswers(app: FastifyInstance): void {
  app.get("/stream", (request, reply) => reply.type("text/plain").send(chunksFor(request)));

  app.post<{ Params: FieldParams }>("/stream-set/:field/:value", (request, reply) => {
    setField(request);
    return reply.type("text/plain").send(chunksFor(request));
  });

  app.get("/big", (request, reply) => {
    sessionOf(request).get("userId");
    return reply.type("text/plain").send("0123456789abcdef".repeat(65_536));
  });
}

function setField(request: FastifyRequest<{ Params: FieldParams }>): void {
  const { field, value } = request.params;
  sessionOf(request).set(field, value);
}

function chunksFor(request: FastifyRequest): Readable {
  const user = sessionOf(request).get<string>("userId") ?? "none";
  return Readable.from(chunks(user));
}

async function* chunks(user: string): AsyncGenerator<string> {
  for (let number = 1; number <= 20; number++) {
    yield `chunk ${number} of ${user}\n`;
    await wait(5);
  }
}
