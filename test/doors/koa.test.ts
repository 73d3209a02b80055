import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import Koa from "koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { type SessionContext, sessionMiddleware } from "../../src/adapters/koa/index.ts";
import { ConfigurationError } from "../../src/contracts/errors.ts";
import type { Session } from "../../src/contracts/sessions.ts";
import { koaApp, serveKoa } from "./apps/koa-app.ts";
import { testSessionDoor } from "./session-suite.ts";
import { Browser } from "./support/browser.ts";
import { appOf, browserOf, type Context, type Handler, storedFor } from "./support/koa-stage.ts";
import { memorySessions, strangeId } from "./support/sessions.ts";

testSessionDoor(koaApp);

describe("a session in Koa", () => {
  test("is ctx.session in an application of any context", async () => {
    const app = new Koa();
    app.use(sessionMiddleware({ sessions: memorySessions() }));
    app.use((ctx) => {
      ctx.body = { new: ctx["session"].isNew };
    });
    const typed = new Koa<{ readonly started: Date }, SessionContext & { readonly own: string }>();
    typed.use(sessionMiddleware({ sessions: memorySessions() }));
    typed.use((ctx) => {
      const session: Session = ctx.session;
      ctx.body = { new: session.isNew, own: ctx.own };
    });
    const running = await serveKoa(app);
    onTestFinished(() => running.close());
    expect((await new Browser(running.url).get("/")).json()).toEqual({ new: true });
  });

  test("cannot be replaced, as koa-session's can: that would end nothing", async () => {
    const app = appOf(memorySessions(), (ctx) => {
      expect(() => Object.assign(ctx, { session: null })).toThrow(/destroy\(\)/);
      ctx.body = { new: ctx.session.isNew };
    });
    const browser = await browserOf(app);
    expect((await browser.get("/")).json()).toEqual({ new: true });
  });

  test("is stored before the first byte of a stream", async () => {
    const sessions = memorySessions();
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
      const app = appOf(memorySessions(), (ctx) => {
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
    const sessions = memorySessions();
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
    const app = appOf(memorySessions(), (ctx) => void (ctx.body = "not reached"));
    let error: unknown;
    app.on("error", (thrown) => (error = thrown));
    Object.assign(app.context, { session: { of: "somebody else" } });
    expect((await (await browserOf(app)).get("/")).status).toBe(500);
    expect(error).toBeInstanceOf(ConfigurationError);
  });

  test("needs options that are known", () => {
    const sessions = memorySessions();
    expect(() => sessionMiddleware({ sessions, key: "x" } as never)).toThrow(ConfigurationError);
    expect(() => sessionMiddleware({} as never)).toThrow(TypeError);
  });
});

describe("a session's headers in Koa", () => {
  async function answerOf(handler: Handler) {
    const app = appOf(memorySessions(), async (ctx) => {
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
    const sessions = memorySessions();
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
    const sessions = memorySessions();
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
