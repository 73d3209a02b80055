import { Readable } from "node:stream";
import cookiePlugin from "@fastify/cookie";
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type InjectOptions,
} from "fastify";
import { describe, expect, test } from "vitest";
import { sessionOf } from "./apps/fastify-app.ts";
import {
  callersError,
  mark,
  openStage,
  type StageOptions,
  setCookiesOf,
  storedFields,
  visitor,
} from "./support/fastify-stage.ts";

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
