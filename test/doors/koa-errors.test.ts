import { Readable } from "node:stream";
import { inspect } from "node:util";
import Koa from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { sessionMiddleware } from "../../src/adapters/koa/index.ts";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import { serveKoa } from "./apps/koa-app.ts";
import { Browser } from "./support/browser.ts";
import { type App, appOf, browserOf, type Context, storedFor } from "./support/koa-stage.ts";
import {
  destroyElsewhere,
  memorySessions,
  strangeId,
  unreachableSessions,
} from "./support/sessions.ts";

describe("an error of a handler in Koa", () => {
  /** Has an error thrown after the session was written to. */
  async function answerTo(raise: (ctx: Context) => unknown, around?: Koa.Middleware) {
    const sessions = memorySessions();
    const handler = async (ctx: Context): Promise<void> => {
      ctx.session.set("colour", "red");
      await raise(ctx);
    };
    const browser = await browserOf(appOf(sessions, handler, around));
    return { answer: await browser.get("/"), browser, sessions };
  }

  test.each([400, 404, 422])("with status %i keeps what was done", async (status) => {
    const { answer, browser, sessions } = await answerTo((ctx) => ctx.throw(status));
    expect(answer.status).toBe(status);
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.headers.vary).toBe("Cookie");
    expect(answer.headers["cache-control"]).toBe("private");
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
  });

  test.each([
    ["status 500", (ctx: Context) => ctx.throw(500)],
    ["status 503", (ctx: Context) => ctx.throw(503)],
    ["no status", () => void JSON.parse("{")],
    ["a status that is none", () => throwing(Object.assign(new Error("odd"), { status: 42 }))],
    ["a status that is text", () => throwing(Object.assign(new Error("odd"), { status: "404" }))],
  ])("with %s keeps nothing", async (_, raise) => {
    const { answer } = await answerTo(raise);
    expect(answer.setCookies).toEqual([]);
  });

  test("keeps the headers of its own beside the session's", async () => {
    const headers = { "Set-Cookie": "theme=dark", Vary: "Accept", "Retry-After": "5" };
    const { answer } = await answerTo((ctx) => ctx.throw(429, "slowly", { headers }));
    expect(answer.setCookies.map((header) => header.split("=", 1)[0])).toEqual([
      "theme",
      "sessionid",
    ]);
    expect(answer.headers.vary).toBe("Accept, Cookie");
    expect(answer.headers["retry-after"]).toBe("5");
  });

  test("sends the id that the session got before a failure, or the visitor would lose it", async () => {
    const { answer, browser, sessions } = await answerTo(async (ctx) => {
      await ctx.session.regenerate();
      ctx.throw(500);
    });
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toHaveLength(1);
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
  });

  test("reaches others as the very error that was thrown", async () => {
    const thrown = Object.freeze(Object.assign(new Error("odd"), { status: 418 }));
    let caught: unknown;
    await answerTo(
      () => throwing(thrown),
      async (_, next) => next().catch((error: unknown) => void (caught = error)),
    );
    expect(caught).toBe(thrown);
  });

  test("that others answer instead of Koa keeps the session's headers", async () => {
    const { answer, browser, sessions } = await answerTo(
      (ctx) => ctx.throw(409),
      async (ctx, next) => {
        await next().catch(() => {
          ctx.status = 200;
          ctx.body = "as if nothing were";
        });
      },
    );
    expect(answer.status).toBe(200);
    expect(answer.setCookies).toHaveLength(1);
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
  });

  test("that comes after the session's middleware keeps the session's headers", async () => {
    const { answer, browser, sessions } = await answerTo(
      (ctx) => void (ctx.body = "ok"),
      async (ctx, next) => {
        await next();
        ctx.throw(410);
      },
    );
    expect(answer.status).toBe(410);
    expect(answer.setCookies).toHaveLength(1);
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
  });

  test("that is thrown for many visitors never carries the cookie of one to another", async () => {
    const shared = Object.assign(new Error("no such thing"), { status: 404, expose: true });
    const app = appOf(memorySessions(), (ctx) => {
      if (ctx.path === "/set") ctx.session.set("colour", "red");
      throw shared;
    });
    const browser = await browserOf(app);
    expect((await browser.get("/set")).setCookies).toHaveLength(1);
    const stranger = new Browser((await serveAgain(app)).url);
    expect((await stranger.get("/")).setCookies).toEqual([]);
    expect(Object.keys(shared)).toEqual(["status", "expose"]);
  });

  test("shows no cookie to those who log it", async () => {
    let logged = "";
    const app = appOf(memorySessions(), (ctx) => {
      ctx.session.set("colour", "red");
      ctx.throw(404, "no such colour");
    });
    app.on("error", (error) => (logged = inspect(error)));
    expect((await (await browserOf(app)).get("/")).setCookies).toHaveLength(1);
    expect(logged).toContain("no such colour");
    expect(logged).not.toContain("sessionid");
  });
});

describe("an error of the session in Koa", () => {
  /** Returns the answer, and the error that Koa was told. */
  async function failureOf(app: App, headers = {}) {
    let error: unknown;
    app.on("error", (thrown) => (error = thrown));
    return { answer: await (await browserOf(app)).get("/", { headers }), error };
  }

  test("has status 503 where it cannot be loaded", async () => {
    const app = appOf(await unreachableSessions(), (ctx) => void (ctx.body = "not reached"));
    const { answer, error } = await failureOf(app, { cookie: `sessionid=${strangeId}` });
    expect(answer.status).toBe(503);
    expect(answer.body).toBe("Service Unavailable");
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("has status 503 where it cannot be stored, and nothing of the response is sent", async () => {
    const app = appOf(await unreachableSessions(), (ctx) => {
      ctx.session.set("colour", "red");
      ctx.cookies.set("cart", "full");
      ctx.body = "not sent";
    });
    const { answer, error } = await failureOf(app);
    expect(answer.status).toBe(503);
    expect(answer.body).toBe("Service Unavailable");
    expect(answer.setCookies).toEqual([]);
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("has status 400 where it was destroyed meanwhile", async () => {
    const sessions = memorySessions();
    const app = appOf(sessions, async (ctx) => {
      await destroyElsewhere(ctx.session.set("colour", "red"), sessions);
      ctx.session.set("colour", "blue");
      ctx.body = "not sent";
    });
    const { answer, error } = await failureOf(app);
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    expect(error).toHaveProperty("code", "SESSION_INTERRUPTED");
  });

  test("is no success where a middleware catches it and answers nothing", async () => {
    const app: App = new Koa();
    app.use((_ctx, next) => next().catch(() => undefined));
    app.use(sessionMiddleware({ sessions: await unreachableSessions() }));
    app.use((ctx) => {
      ctx.session.set("colour", "red");
      ctx.status = 201;
      ctx.body = { stored: true };
    });
    const answer = await (await browserOf(app)).get("/");
    expect(answer).toMatchObject({ status: 503, body: "Service Unavailable" });
  });

  test("frees the stream that was to be sent", async () => {
    const stream = new Readable({ read: () => undefined });
    const app = appOf(await unreachableSessions(), (ctx) => {
      ctx.session.set("colour", "red");
      ctx.body = stream;
    });
    expect((await (await browserOf(app)).get("/")).status).toBe(503);
    expect(stream.destroyed).toBe(true);
  });

  test("comes before that of the handler, whose answer would say that all is stored", async () => {
    const app = appOf(await unreachableSessions(), (ctx) => {
      ctx.session.set("colour", "red");
      ctx.throw(404);
    });
    expect((await failureOf(app)).answer.status).toBe(503);
  });
});

function throwing(error: Error): never {
  throw error;
}

async function serveAgain(app: App) {
  const running = await serveKoa(app);
  onTestFinished(() => running.close());
  return running;
}
