import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import { text } from "node:stream/consumers";
import cookiePlugin from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { type SessionMiddlewareOptions, sessionPlugin } from "../../src/adapters/fastify/index.ts";
import { type Session } from "../../src/sessions/index.ts";
import { installPackage } from "../support/installed-package.ts";
import { runProgram } from "../support/program.ts";
import { fastifyApp, sessionOf } from "./apps/fastify-app.ts";
import { testSessionDoor } from "./session-suite.ts";
import { mark, openApp, openStage, setCookiesOf } from "./support/fastify-stage.ts";
import { memorySessions } from "./support/sessions.ts";

testSessionDoor(fastifyApp);

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
