import { once } from "node:events";
import { createReadStream } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import cookiePlugin from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  type InjectOptions,
  type LightMyRequestResponse,
} from "fastify";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type SessionMiddlewareOptions, sessionPlugin } from "../../src/adapters/fastify/index.ts";
import { createSessions, type Session, type Sessions } from "../../src/sessions/index.ts";
import { installPackage } from "../support/installed-package.ts";
import { openCache } from "../support/open-cache.ts";
import { runProgram } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { fastifyApp, sessionOf } from "./apps/fastify-app.ts";
import { testSessionDoor } from "./session-suite.ts";

testSessionDoor(fastifyApp);

/** An application with the plugin in its root. */
interface Stage {
  readonly app: FastifyInstance;
  readonly sessions: Sessions;
}

interface StageOptions extends Omit<SessionMiddlewareOptions, "sessions"> {
  readonly sessions?: Sessions;
  readonly fastify?: FastifyServerOptions;
  /** Adds what comes before the plugin. */
  readonly before?: (app: FastifyInstance) => unknown;
}

async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { fastify = {}, before, sessions = memorySessions(), ...rest } = options;
  const app = openApp(fastify);
  await before?.(app);
  await app.register(sessionPlugin, { sessions, ...rest });
  return { app, sessions };
}

function openApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options);
  onTestFinished(async () => {
    await app.close();
  });
  return app;
}

function memorySessions(): Sessions {
  return createSessions({ cache: openCache() });
}

/** Returns the `Cookie` header of a visitor whose session holds `{ user: "ann" }`. */
async function visitor(sessions: Sessions): Promise<Record<string, string>> {
  const session = await sessions.load(undefined);
  await session.set("user", "ann").save();
  return { cookie: `sessionid=${session.id}` };
}

/** Returns what is stored under the id that an answer's cookie, or a request's, names. */
async function storedFields(sessions: Sessions, cookie: unknown): Promise<unknown> {
  const id = /sessionid=([^;]+)/.exec(String(cookie))?.[1];
  return Object.fromEntries((await sessions.load(id)).entries());
}

function setCookiesOf(answer: LightMyRequestResponse): string[] {
  return [answer.headers["set-cookie"] ?? []].flat();
}

/** Sets a field, and lets the application answer as it will. */
function mark(request: FastifyRequest): Session {
  return sessionOf(request).set("colour", "red");
}

describe("the plugin, registered", () => {
  test("counts for the contexts below the one that registers it", async () => {
    const { app } = await openStage();
    await app.register(async (child) => {
      child.get("/child", (request) => ({ new: sessionOf(request).isNew }));
    });
    expect((await app.inject("/child")).json()).toEqual({ new: true });
  });

  test("counts in a context of its own for this one alone", async () => {
    const app = openApp();
    app.get("/outside", (request) => ({ hasSession: "session" in request }));
    await app.register(async (child) => {
      await child.register(sessionPlugin, { sessions: memorySessions() });
      child.get("/inside", (request) => ({ id: mark(request).isNew }));
    });
    expect(setCookiesOf(await app.inject("/inside"))).toHaveLength(1);
    const outside = await app.inject("/outside");
    expect(outside.json()).toEqual({ hasSession: false });
    expect(outside.headers).not.toHaveProperty("vary");
  });

  test("serves two contexts side by side with sessions of their own", async () => {
    const app = openApp();
    for (const name of ["shop", "staff"]) {
      await app.register(async (child) => {
        await child.register(sessionPlugin, { sessions: memorySessions(), cookie: { name } });
        child.get(`/${name}`, (request) => ({ new: mark(request).isNew }));
      });
    }
    expect(setCookiesOf(await app.inject("/shop"))[0]).toMatch(/^shop=/);
    expect(setCookiesOf(await app.inject("/staff"))[0]).toMatch(/^staff=/);
  });

  test("is known to Fastify by its name", async () => {
    const { app } = await openStage();
    expect(app.hasPlugin("cachewell-session")).toBe(true);
  });

  test("is refused a second time in the same context or below", async () => {
    const { app, sessions } = await openStage();
    const again = app.register(async (child) => {
      await child.register(sessionPlugin, { sessions });
    });
    await expect(again).rejects.toMatchObject({ code: "FST_ERR_DEC_ALREADY_PRESENT" });
  });

  test("is refused beside @fastify/session", async () => {
    const app = openApp();
    await app.register(cookiePlugin).register(fastifySession, { secret: "s".repeat(32) });
    const both = app.register(sessionPlugin, { sessions: memorySessions() });
    await expect(both).rejects.toMatchObject({ code: "FST_ERR_DEC_ALREADY_PRESENT" });
  });

  test.each([
    [{}, "sessions must be made by createSessions()."],
    [
      { sessions: memorySessions, prefix: "/x" },
      'The option "prefix" of the session middleware is not known',
    ],
    [{ sessions: { load: () => undefined }, onStoreError: "ignore" }, "onStoreError must be"],
  ])("says at once what is wrong with the options %j", async (options, message) => {
    const app = openApp();
    const registered = app.register(sessionPlugin, options as unknown as SessionMiddlewareOptions);
    await expect(registered).rejects.toThrow(message);
  });

  test("takes an application by HTTP/2", async () => {
    const app = Fastify({ http2: true });
    onTestFinished(() => app.close());
    await app.register(sessionPlugin, { sessions: memorySessions() });
    app.get("/", async (request, reply) => {
      request.getDecorator<Session>("session").set("colour", "red");
      return reply.send("done");
    });
    const client = connectHttp2(await app.listen({ host: "127.0.0.1", port: 0 }));
    const asking = client.request({ ":path": "/" });
    const [headers] = await once(asking, "response");
    expect(await text(asking)).toBe("done");
    expect(headers["set-cookie"]).toHaveLength(1);
    client.close();
  });

  test("loads where Fastify is not installed", async () => {
    const project = await installPackage(["@redis/client", "lru-cache", "msgpackr"]);
    onTestFinished(() => project.remove());
    const source = `import { CacheStore, sessionPlugin } from "cachewell/fastify";
      console.log(typeof CacheStore, typeof sessionPlugin);`;
    const ending = await runProgram(source, { cwd: project.directory });
    expect(ending).toMatchObject({ exitCode: 0, stdout: "function function\n" });
  });
});

describe("every way to answer stores the session and sends its cookie", () => {
  type Answering = (request: FastifyRequest, reply: FastifyReply) => unknown;
  const ways: readonly (readonly [string, number, Answering])[] = [
    ["an object that is returned", 200, () => ({ done: true })],
    ["a promise", 200, async () => "done"],
    ["reply.send", 200, (_request, reply) => void reply.send({ done: true })],
    [
      "reply.send, later",
      200,
      (_request, reply) => void setImmediate(() => void reply.send("done")),
    ],
    ["an async handler that returns the reply", 201, async (_, reply) => reply.code(201).send("x")],
    ["no content", 204, (_request, reply) => reply.code(204).send()],
    ["a redirect", 302, (_request, reply) => reply.redirect("/elsewhere")],
    ["a buffer", 200, (_request, reply) => reply.send(Buffer.from("done"))],
    ["a stream", 200, (_request, reply) => reply.send(Readable.from(["do", "ne"]))],
    ["a web stream", 200, (_request, reply) => reply.send(new Blob(["done"]).stream())],
    ["a Response", 202, (_request, reply) => reply.send(new Response("done", { status: 202 }))],
    ["a Response without a body", 204, () => new Response(null, { status: 204 })],
    ["not found, by the handler", 404, (_request, reply) => reply.callNotFound()],
    ["an error of the caller's, thrown", 422, () => Promise.reject(callersError(422))],
  ];

  test.each(ways)("%s", async (_way, status, answering) => {
    const { app, sessions } = await openStage();
    app.get("/", (request, reply) => {
      mark(request);
      return answering(request, reply);
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(status);
    expect(setCookiesOf(answer)).toHaveLength(1);
    expect(answer.headers).toMatchObject({ vary: "Cookie", "cache-control": "private" });
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
  });

  test.each(["onRequest", "preValidation", "preHandler"] as const)(
    "an early reply in a hook: %s",
    async (hook) => {
      const { app, sessions } = await openStage();
      app.addHook(hook, async (request, reply) => {
        mark(request);
        return reply.send("early");
      });
      app.get("/", () => "late");
      const answer = await app.inject("/");
      expect(answer.body).toBe("early");
      expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
    },
  );

  test("a hook onSend that was added before the plugin", async () => {
    const { app, sessions } = await openStage({
      before: (early) => early.addHook("onSend", async (request) => void mark(request)),
    });
    app.get("/", () => "done");
    const answer = await app.inject("/");
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
  });

  test.each(["Fastify's own", "the application's"])("a path that is none, %s", async (whose) => {
    const { app, sessions } = await openStage();
    app.addHook("onRequest", async (request) => void mark(request));
    if (whose !== "Fastify's own") app.setNotFoundHandler((_, reply) => reply.code(404).send("no"));
    const answer = await app.inject("/nowhere");
    expect(answer.statusCode).toBe(404);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
  });

  test("HEAD: headers as GET has them, and no body", async () => {
    const { app, sessions } = await openStage();
    app.get("/", (request) => ({ user: sessionOf(request).get("user") ?? null }));
    app.get("/marked", (request) => mark(request).get("colour"));
    const headers = await visitor(sessions);
    const { date: _, ...gotten } = (await app.inject({ url: "/", headers })).headers;
    const head = await app.inject({ method: "HEAD", url: "/", headers });
    expect(head.body).toBe("");
    expect(head.headers).toMatchObject(gotten);
    const marked = await app.inject({ method: "HEAD", url: "/marked" });
    expect(await storedFields(sessions, setCookiesOf(marked))).toEqual({ colour: "red" });
  });
});

describe("a request without a session", () => {
  test("is one that a hook answers before the plugin's", async () => {
    const { app } = await openStage({
      before: (early) => early.addHook("onRequest", async (_request, reply) => reply.send("early")),
    });
    app.get("/", () => "late");
    const answer = await app.inject("/");
    expect(answer.body).toBe("early");
    expect(answer.headers).not.toHaveProperty("vary");
  });

  test("is told in a hook before the plugin's by null", async () => {
    const { app } = await openStage({
      before: (early) =>
        early.addHook("onRequest", async (request, reply) => {
          void reply.header("x-session", JSON.stringify(request.session));
        }),
    });
    app.get("/", () => "done");
    expect((await app.inject("/")).headers["x-session"]).toBe("null");
  });

  test("that leaves it alone gets no header of it", async () => {
    const { app } = await openStage();
    app.get("/", () => "done");
    const { headers } = await app.inject("/");
    for (const name of ["set-cookie", "vary", "cache-control"]) {
      expect(headers).not.toHaveProperty(name);
    }
  });
});

describe("headers", () => {
  /** Answers a visitor after `add` put headers on the reply. */
  async function headersAfter(add: (reply: FastifyReply) => unknown, options?: StageOptions) {
    const { app } = await openStage(options);
    app.get("/", (request, reply) => {
      mark(request);
      add(reply);
      return reply.send("done");
    });
    return (await app.inject("/")).headers;
  }

  test.each([
    ["Origin", "Origin, Cookie"],
    ["Accept-Encoding, Origin", "Accept-Encoding, Origin, Cookie"],
    ["Origin, cookie", "Origin, cookie"],
    ["*", "*"],
    [["Origin", "Accept"], "Origin, Accept, Cookie"],
  ])("Vary %j becomes %j", async (vary, expected) => {
    expect((await headersAfter((reply) => reply.header("vary", vary))).vary).toEqual(expected);
  });

  test("a Cache-Control of the handler's stays", async () => {
    const headers = await headersAfter((reply) => reply.header("cache-control", "no-store"));
    expect(headers["cache-control"]).toBe("no-store");
  });

  test.each<readonly [string, string[], (reply: FastifyReply) => unknown]>([
    ["one by the reply", ["a=1"], (reply) => reply.header("set-cookie", "a=1")],
    ["a list", ["a=1", "b=2"], (reply) => reply.header("set-cookie", ["a=1", "b=2"])],
    ["one on the raw response", ["a=1"], (reply) => reply.raw.setHeader("set-cookie", "a=1")],
  ])("cookies of the handler's stay: %s", async (_how, others, add) => {
    const cookies = [(await headersAfter(add))["set-cookie"]].flat();
    expect(cookies.slice(0, -1)).toEqual(others);
    expect(cookies.at(-1)).toMatch(/^sessionid=/);
  });

  test("a list of cookies that the handler shares among replies does not grow", async () => {
    const shared = ["a=1"];
    await headersAfter((reply) => reply.header("set-cookie", shared));
    expect(shared).toEqual(["a=1"]);
  });

  test.each(["before", "after"])(
    "cookies of @fastify/cookie stay, registered %s the plugin",
    async (when) => {
      const before = (early: FastifyInstance) => early.register(cookiePlugin);
      const { app } = await openStage(when === "before" ? { before } : {});
      if (when === "after") await app.register(cookiePlugin);
      app.get("/", (request, reply) => {
        mark(request);
        return reply.setCookie("a", "1").setCookie("b", "2").send("done");
      });
      const names = setCookiesOf(await app.inject("/")).map((cookie) => cookie.split("=", 1)[0]);
      expect(new Set(names)).toEqual(new Set(["a", "b", "sessionid"]));
      expect(names).toHaveLength(3);
    },
  );

  test("those of a Response are joined with the session's", async () => {
    const { app } = await openStage();
    app.get("/", (request) => {
      mark(request);
      const headers = new Headers({ vary: "Origin", "cache-control": "no-store", "x-own": "yes" });
      headers.append("set-cookie", "a=1");
      headers.append("set-cookie", "b=2");
      return new Response("done", { headers });
    });
    const answer = await app.inject("/");
    expect(answer.body).toBe("done");
    expect(answer.headers).toMatchObject({
      vary: "Origin, Cookie",
      "cache-control": "no-store",
      "x-own": "yes",
    });
    const names = setCookiesOf(answer).map((cookie) => cookie.split("=", 1)[0]);
    expect(names).toEqual(["a", "b", "sessionid"]);
  });

  test("a proxy that Fastify trusts says whether the cookie is Secure", async () => {
    const forwarded: InjectOptions = { url: "/", headers: { "x-forwarded-proto": "https" } };
    for (const trustProxy of [true, false]) {
      const { app } = await openStage({ fastify: { trustProxy } });
      app.get("/", (request) => mark(request).get("colour"));
      const [cookie] = setCookiesOf(await app.inject(forwarded));
      expect(cookie?.includes("; Secure")).toBe(trustProxy);
    }
  });
});

describe("a handler that fails", () => {
  test("with a Response of 500 stores nothing", async () => {
    const { app, sessions } = await openStage();
    app.get("/", (request) => {
      mark(request);
      return new Response("failed", { status: 500 });
    });
    const headers = await visitor(sessions);
    const answer = await app.inject({ url: "/", headers });
    expect(answer.statusCode).toBe(500);
    expect(await storedFields(sessions, headers["cookie"])).toEqual({ user: "ann" });
  });

  test("with a Response that was read already answers as Fastify does", async () => {
    const { app } = await openStage();
    app.get("/", async (request) => {
      mark(request);
      const response = new Response("done");
      await response.text();
      return response;
    });
    const answer = await app.inject("/");
    expect(answer.json()).toMatchObject({ code: "FST_ERR_REP_RESPONSE_BODY_CONSUMED" });
  });

  test("with an error that the application's handler turns into a page stores the session", async () => {
    const { app, sessions } = await openStage();
    app.setErrorHandler((_error, request, reply) => {
      sessionOf(request).set("notice", "failed");
      return reply.redirect("/sorry");
    });
    app.get("/", (request) => {
      mark(request);
      throw new Error("thrown by the handler");
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(302);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({
      colour: "red",
      notice: "failed",
    });
  });

  test("with a stream that breaks while the session is stored answers once, and the process goes on", async () => {
    const { app } = await openStage();
    app.get("/", (request, reply) => {
      const stream = createReadStream("/nowhere/at all");
      vi.spyOn(mark(request), "save").mockImplementation(async () => {
        await until("the stream is broken", () => stream.errored !== null);
        return true;
      });
      return reply.send(stream);
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: "ENOENT" });
  });

  test("with a stream that breaks has what its error handler adds stored, and one cookie", async () => {
    const { app, sessions } = await openStage();
    app.setErrorHandler((_error, request, reply) => {
      sessionOf(request).set("notice", "broken");
      return reply.code(404).send("gone");
    });
    app.get("/", (request, reply) => {
      mark(request);
      return reply.send(createReadStream("/nowhere/at all"));
    });
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(404);
    expect(setCookiesOf(answer)).toHaveLength(1);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({
      colour: "red",
      notice: "broken",
    });
  });

  test("in a hook onSend after the session was stored sends its cookie once", async () => {
    const { app, sessions } = await openStage();
    app.addHook("onSend", async (_request, reply) => {
      if (reply.statusCode === 200) throw new Error("thrown by the hook");
    });
    app.get("/", (request) => mark(request).get("colour"));
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(500);
    expect(setCookiesOf(answer)).toHaveLength(1);
    expect(await storedFields(sessions, setCookiesOf(answer))).toEqual({ colour: "red" });
  });

  test("in a hook onSend, and ends the session in the error handler, sends no cookie", async () => {
    const { app } = await openStage();
    app.addHook("onSend", async (_request, reply) => {
      if (reply.statusCode === 200) throw new Error("thrown by the hook");
    });
    app.setErrorHandler(async (_error, request, reply) => {
      await sessionOf(request).destroy();
      return reply.code(403).header("set-cookie", "a=1").send("out");
    });
    app.get("/", (request) => mark(request).get("colour"));
    const answer = await app.inject("/");
    expect(answer.statusCode).toBe(403);
    expect(setCookiesOf(answer)).toEqual(["a=1"]);
  });
});

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

describe("a reply that leaves Fastify", () => {
  test("stores the session where the handler saves it", async () => {
    const { app, sessions } = await openStage();
    app.get("/", async (request, reply) => {
      reply.hijack();
      const session = mark(request);
      await session.save();
      reply.raw.end(session.id);
    });
    const answer = await app.inject("/");
    expect(setCookiesOf(answer)).toEqual([]);
    expect((await sessions.load(answer.body)).get("colour")).toBe("red");
  });
});

function callersError(statusCode: number): Error {
  return Object.assign(new Error("thrown by the handler"), { statusCode });
}
