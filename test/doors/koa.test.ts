import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { inspect } from "node:util";
import Koa, { type DefaultState, type ParameterizedContext } from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { type SessionContext, sessionMiddleware } from "../../src/adapters/koa/index.ts";
import { ConfigurationError, StoreUnavailableError } from "../../src/contracts/errors.ts";
import type { Session, Sessions } from "../../src/contracts/sessions.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { openCache } from "../support/open-cache.ts";
import { closedPort } from "../support/servers.ts";
import { koaApp, serveKoa } from "./apps/koa-app.ts";
import { testSessionDoor } from "./session-suite.ts";
import { Browser } from "./support/browser.ts";

testSessionDoor(koaApp);

type App = Koa<DefaultState, SessionContext>;
type Context = ParameterizedContext<DefaultState, SessionContext>;
type Handler = (ctx: Context) => void | Promise<void>;

/** The shape of an id, and nobody's. */
const strangeId = "a".repeat(46);

function openSessions(location = "memory:"): Sessions {
  return createSessions({ cache: openCache({ location }) });
}

/** Sessions in a Redis that nobody started. */
async function unreachableSessions(): Promise<Sessions> {
  return openSessions(`redis://127.0.0.1:${await closedPort()}`);
}

/** Makes an application that a handler answers for; `around` comes before the session's middleware. */
function appOf(sessions: Sessions, handler: Handler, around?: Koa.Middleware): App {
  const app: App = new Koa();
  app.silent = true; // or it prints every error that it answers
  if (around) app.use(around);
  app.use(sessionMiddleware({ sessions }));
  app.use(handler);
  return app;
}

/** Serves an application until the test is over. Returns a browser of its. */
async function browserOf(app: App): Promise<Browser> {
  const running = await serveKoa(app);
  onTestFinished(() => running.close());
  return new Browser(running.url);
}

/** Returns what is stored of a browser's session. */
async function storedFor(browser: Browser, sessions: Sessions): Promise<unknown> {
  const session = await sessions.load(browser.jar.valueOf("sessionid"));
  return Object.fromEntries(session.entries());
}

/** Destroys a session as another request would. */
async function destroyElsewhere(session: Session, sessions: Sessions): Promise<void> {
  await session.save();
  const other = await sessions.load(session.id);
  await other.destroy();
}

describe("a session in Koa", () => {
  test("is ctx.session in an application of any context", async () => {
    const app = new Koa();
    app.use(sessionMiddleware({ sessions: openSessions() }));
    app.use((ctx) => {
      ctx.body = { new: ctx["session"].isNew };
    });
    const typed = new Koa<{ readonly started: Date }, SessionContext & { readonly own: string }>();
    typed.use(sessionMiddleware({ sessions: openSessions() }));
    typed.use((ctx) => {
      const session: Session = ctx.session;
      ctx.body = { new: session.isNew, own: ctx.own };
    });
    const running = await serveKoa(app);
    onTestFinished(() => running.close());
    expect((await new Browser(running.url).get("/")).json()).toEqual({ new: true });
  });

  test("cannot be replaced, as koa-session's can: that would end nothing", async () => {
    const app = appOf(openSessions(), (ctx) => {
      expect(() => Object.assign(ctx, { session: null })).toThrow(/destroy\(\)/);
      ctx.body = { new: ctx.session.isNew };
    });
    const browser = await browserOf(app);
    expect((await browser.get("/")).json()).toEqual({ new: true });
  });

  test("is stored before the first byte of a stream", async () => {
    const sessions = openSessions();
    const body = new PassThrough();
    const app = appOf(sessions, (ctx) => {
      ctx.session.set("colour", "red");
      ctx.body = body;
    });
    const browser = await browserOf(app);
    body.write("begin, ");
    const { stream } = await browser.open("GET", "/");
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
    body.end("end");
    expect(await text(stream)).toBe("begin, end");
  });

  test.each([
    [{ "x-forwarded-proto": "https" }, true, true],
    [{ "x-forwarded-proto": "https" }, false, false],
    [{}, true, false],
  ])(
    "has a cookie with Secure where Koa trusts that %j is https (proxy: %j)",
    async (headers, proxy, isSecure) => {
      const app = appOf(openSessions(), (ctx) => {
        ctx.session.set("colour", "red");
        ctx.status = 204;
      });
      app.proxy = proxy;
      const browser = await browserOf(app);
      const [header = ""] = (await browser.get("/", { headers })).setCookies;
      expect(header.includes("; Secure")).toBe(isSecure);
    },
  );

  test("is one, where the middleware comes twice", async () => {
    const sessions = openSessions();
    const app = appOf(
      sessions,
      (ctx) => {
        ctx.session.set("colour", "red");
        ctx.body = "ok";
      },
      sessionMiddleware({ sessions }),
    );
    const browser = await browserOf(app);
    const cookie = `sessionid=${strangeId}`; // whose removal must not follow the new one
    expect((await browser.get("/", { headers: { cookie } })).setCookies).toHaveLength(1);
    expect(await storedFor(browser, sessions)).toEqual({ colour: "red" });
  });

  test("does not take the place of koa-session's", async () => {
    const app = appOf(openSessions(), (ctx) => void (ctx.body = "not reached"));
    let error: unknown;
    app.on("error", (thrown) => (error = thrown));
    Object.assign(app.context, { session: { of: "somebody else" } });
    expect((await (await browserOf(app)).get("/")).status).toBe(500);
    expect(error).toBeInstanceOf(ConfigurationError);
  });

  test("needs options that are known", () => {
    const sessions = openSessions();
    expect(() => sessionMiddleware({ sessions, key: "x" } as never)).toThrow(ConfigurationError);
    expect(() => sessionMiddleware({} as never)).toThrow(TypeError);
  });
});

describe("a session's headers in Koa", () => {
  async function answerOf(handler: Handler) {
    const app = appOf(openSessions(), async (ctx) => {
      ctx.session.set("colour", "red");
      await handler(ctx);
    });
    return (await browserOf(app)).get("/");
  }

  test("stand beside the cookies of ctx.cookies", async () => {
    const { setCookies } = await answerOf((ctx) => {
      ctx.cookies.set("theme", "dark").set("lang", "en");
      ctx.body = "ok";
    });
    const names = setCookies.map((header) => header.split("=", 1)[0]);
    expect(names).toEqual(["theme", "lang", "sessionid"]);
  });

  test.each([
    ["Accept-Encoding", "Accept-Encoding, Cookie"],
    ["Accept, cookie", "Accept, cookie"],
    ["*", "*"],
  ])("make Vary: %s into %s", async (before, after) => {
    const { headers } = await answerOf((ctx) => {
      ctx.set("Vary", before);
      ctx.body = "ok";
    });
    expect(headers.vary).toBe(after);
  });

  test("leave a Cache-Control of the handler's alone", async () => {
    const { headers } = await answerOf((ctx) => {
      ctx.set("Cache-Control", "no-store");
      ctx.body = "ok";
    });
    expect(headers["cache-control"]).toBe("no-store");
  });

  test.each([
    [302, (ctx: Context) => ctx.redirect("/cart")],
    [404, () => undefined],
    [204, (ctx: Context) => void (ctx.status = 204)],
  ])("go with status %i", async (status, handler) => {
    const answer = await answerOf(handler);
    expect(answer.status).toBe(status);
    expect(answer.setCookies).toHaveLength(1);
  });

  test("go with an answer that bypasses Koa later on", async () => {
    const answer = await answerOf((ctx) => {
      ctx.respond = false;
      ctx.res.statusCode = 200;
      setImmediate(() => setImmediate(() => ctx.res.end("by hand")));
    });
    expect(answer.body).toBe("by hand");
    expect(answer.setCookies).toHaveLength(1);
  });
});

describe("a response in Koa that left before the handler was done", () => {
  test("has no cookie, and a visitor who has one keeps what was done", async () => {
    const sessions = openSessions();
    const app = appOf(sessions, (ctx) => {
      ctx.session.set("path", ctx.path);
      if (ctx.path === "/first") ctx.body = "ok";
      else {
        ctx.respond = false;
        ctx.res.writeHead(200).end("by hand");
      }
    });
    const browser = await browserOf(app);
    await browser.get("/first");
    const answer = await browser.get("/second");
    expect(answer.body).toBe("by hand");
    expect(answer.setCookies).toEqual([]);
    expect(await storedFor(browser, sessions)).toEqual({ path: "/second" });
  });

  test("keeps nothing where its status is 500 or more", async () => {
    const sessions = openSessions();
    const app = appOf(sessions, (ctx) => {
      ctx.session.set("path", ctx.path);
      if (ctx.path === "/first") ctx.body = "ok";
      else {
        ctx.respond = false;
        ctx.res.writeHead(500).end();
      }
    });
    const browser = await browserOf(app);
    await browser.get("/first");
    expect((await browser.get("/second")).status).toBe(500);
    expect(await storedFor(browser, sessions)).toEqual({ path: "/first" });
  });
});

describe("an error of a handler in Koa", () => {
  /** Has an error thrown after the session was written to. */
  async function answerTo(raise: (ctx: Context) => unknown, around?: Koa.Middleware) {
    const sessions = openSessions();
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
    const app = appOf(openSessions(), (ctx) => {
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
    const app = appOf(openSessions(), (ctx) => {
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
    const sessions = openSessions();
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
