import { Readable } from "node:stream";
import { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { createSessions } from "../../src/sessions/index.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { sessionOf } from "./apps/fastify-app.ts";
import {
  callersError,
  mark,
  openStage,
  type StageOptions,
  setCookiesOf,
  visitor,
} from "./support/fastify-stage.ts";

describe("a session that cannot be stored", () => {
  /** Answers a visitor whose session is destroyed elsewhere while the handler runs. */
  async function interrupted(
    answering: (request: FastifyRequest, reply: FastifyReply) => unknown,
    prepare: (app: FastifyInstance) => unknown = () => undefined,
  ) {
    const { app, sessions } = await openStage();
    const headers = await visitor(sessions);
    prepare(app);
    const saves: unknown[] = [];
    app.get("/", async (request, reply) => {
      const save = vi.spyOn(mark(request), "save");
      onTestFinished(() => save.mockRestore());
      saves.push(save);
      await (await sessions.load(sessionOf(request).id)).destroy();
      return answering(request, reply);
    });
    const answer = await app.inject({ url: "/", headers });
    return { answer, save: saves[0] as ReturnType<typeof vi.fn> };
  }

  const body = {
    statusCode: 400,
    code: "SESSION_INTERRUPTED",
    error: "Bad Request",
    message: expect.stringContaining("destroyed"),
  };

  test("answers as Fastify's errors do, without a cookie", async () => {
    const { answer } = await interrupted(() => "done");
    expect(answer.statusCode).toBe(400);
    expect(answer.headers["content-type"]).toBe("application/json; charset=utf-8");
    expect(answer.json()).toEqual(body);
    expect(setCookiesOf(answer)).toEqual([]);
  });

  test("is tried once", async () => {
    const { save } = await interrupted(() => "done");
    expect(save).toHaveBeenCalledTimes(1);
  });

  test.each<readonly [string, (reply: FastifyReply) => unknown]>([
    ["a stream", (reply) => reply.send(Readable.from(["never sent"]))],
    ["a web stream", (reply) => reply.send(new Blob(["never sent"]).stream())],
    ["a Response", () => new Response("never sent")],
    ["an error that was thrown", () => Promise.reject(callersError(422))],
  ])("answers the same in the place of %s", async (_of, answering) => {
    const { answer, save } = await interrupted((_request, reply) => answering(reply));
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ ...body, statusCode: 400 });
    expect(save).toHaveBeenCalledTimes(1);
  });

  test("frees the stream that was to be sent", async () => {
    const stream = Readable.from(["never sent"]);
    await interrupted((_request, reply) => reply.send(stream));
    expect(stream.destroyed).toBe(true);
  });

  test("frees the body of a Response that was to be sent", async () => {
    const cancel = vi.fn<() => void>();
    await interrupted(() => new Response(new ReadableStream({ cancel })));
    expect(cancel).toHaveBeenCalledTimes(1);
  });

  test("is not kept by caches in the place of the answer", async () => {
    const { answer } = await interrupted((_request, reply) =>
      reply
        .headers({ "cache-control": "public, max-age=60", etag: '"1"', "content-encoding": "br" })
        .send("done"),
    );
    for (const name of ["cache-control", "etag", "content-encoding"]) {
      expect(answer.headers).not.toHaveProperty(name);
    }
  });

  test("keeps the handler's own cookies", async () => {
    const { answer } = await interrupted((_request, reply) =>
      reply.header("set-cookie", "a=1").send("done"),
    );
    expect(setCookiesOf(answer)).toEqual(["a=1"]);
  });

  test("is told to the application's error handler, and its hooks onError", async () => {
    const seen: unknown[] = [];
    const { answer } = await interrupted(
      () => "done",
      (app) => {
        app.addHook("onError", async (_request, _reply, error) => void seen.push(error.code));
        app.setErrorHandler<Error & { code: string }>((error, _request, reply) => {
          seen.push(error.code, reply.statusCode);
          return reply.send({ sorry: true });
        });
      },
    );
    expect(seen).toEqual(["SESSION_INTERRUPTED", "SESSION_INTERRUPTED", 400]);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ sorry: true });
  });

  test("can be answered by a redirect", async () => {
    const { answer } = await interrupted(
      () => "done",
      (app) => app.setErrorHandler((_error, _request, reply) => reply.redirect("/login")),
    );
    expect(answer.statusCode).toBe(302);
    expect(answer.headers.location).toBe("/login");
  });

  test("for a bug answers 500", async () => {
    const { app } = await openStage();
    app.get("/", (request) => {
      sessionOf(request).set("broken", () => undefined);
      return "done";
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: "ENCODE" });
  });
});

describe("a store that is down", () => {
  async function overRedis(options: Omit<StageOptions, "sessions"> = {}) {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), commandTimeout: "200ms" });
    const stage = await openStage({ ...options, sessions: createSessions({ cache }) });
    return { server, headers: await visitor(stage.sessions), ...stage };
  }

  test("when the request comes answers 503 as Fastify's errors do", async () => {
    const { app, server, headers } = await overRedis();
    app.get("/", () => "done");
    await server.kill();
    const answer = await app.inject({ url: "/", headers });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      statusCode: 503,
      code: "STORE_UNAVAILABLE",
      error: "Service Unavailable",
    });
  });

  test("when the request comes is told to the application's error handler", async () => {
    const { app, server, headers } = await overRedis();
    app.get("/", () => "done");
    app.setErrorHandler<Error & { statusCode: number }>((error, request, reply) => {
      const { session } = request;
      return reply.code(error.statusCode).send({ session, sorry: true });
    });
    await server.kill();
    const answer = await app.inject({ url: "/", headers });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({ session: null, sorry: true });
  });

  test("when the answer leaves, 503 goes instead, once", async () => {
    const { app, server } = await overRedis();
    const errors: unknown[] = [];
    app.addHook("onError", async (_request, _reply, error) => void errors.push(error.code));
    app.get("/", async (request) => {
      mark(request);
      await server.kill();
      return "done";
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ statusCode: 503, error: "Service Unavailable" });
    expect(setCookiesOf(answer)).toEqual([]);
    expect(errors).toHaveLength(1);
  });

  test("when an error of the caller's leaves, 503 goes instead", async () => {
    const { app, server } = await overRedis();
    app.get("/", async (request) => {
      mark(request);
      await server.kill();
      throw callersError(404);
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ statusCode: 503, error: "Service Unavailable" });
  });
});
