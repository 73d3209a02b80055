import { createServer } from "node:http";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import { describe, expect, onTestFinished, test } from "vitest";
import { type SessionEnv, sessionMiddleware } from "../../src/adapters/hono/index.ts";
import { ConfigurationError } from "../../src/contracts/errors.ts";
import type { Session } from "../../src/contracts/sessions.ts";
import { startedTcp } from "../support/servers.ts";
import { honoApp, serveHono } from "./apps/hono-app.ts";
import { testSessionDoor } from "./session-suite.ts";
import { Browser } from "./support/browser.ts";
import { appOf, cookieOf, type Handler, storedFor, withCookie } from "./support/hono-stage.ts";
import { memorySessions, strangeId, unreachableSessions } from "./support/sessions.ts";

testSessionDoor(honoApp);

/** Serves an application until the test is over. Returns its address. */
async function served(app: Hono<SessionEnv>): Promise<string> {
  const running = await serveHono(app);
  onTestFinished(() => running.close());
  return running.url;
}

describe("a session in Hono", () => {
  test("is c.get('session') and c.var.session", async () => {
    const app = appOf(memorySessions(), (c) => {
      const session: Session = c.get("session");
      const same: Session = c.var.session;
      return c.json(session === same);
    });
    expect(await (await app.request("/")).json()).toBe(true);
  });

  test("comes back with its cookie, without a server", async () => {
    const app = appOf(memorySessions(), (c) => {
      const views = c.get("session").get("views", 0) + 1;
      c.get("session").set("views", views);
      return c.json(views);
    });
    const cookie = cookieOf(await app.request("/"));
    expect(await (await app.request("/", withCookie(cookie))).json()).toBe(2);
    expect(await (await app.request("/")).json()).toBe(1);
  });

  test("is stored before the response is there", async () => {
    const sessions = memorySessions();
    const app = appOf(sessions, (c) => {
      c.get("session").set("colour", "red");
      return c.text("ok");
    });
    const response = await app.request("/");
    expect(await storedFor(response, sessions)).toEqual({ colour: "red" });
  });

  test("reaches the routes of an application within the application", async () => {
    const shop = new Hono<SessionEnv>();
    shop.use(sessionMiddleware({ sessions: memorySessions() }));
    shop.get("/cart", (c) => c.json(c.get("session").setDefault("cart", ["tea"])));
    const app = new Hono().route("/shop", shop);
    const response = await app.request("/shop/cart");
    expect(await response.json()).toEqual(["tea"]);
    expect(cookieOf(response)).toMatch(/^sessionid=.{46}$/);
  });

  test.each([
    ["https://shop.example/", true],
    ["http://shop.example/", false],
  ])(
    "has a cookie with Secure where the request's address begins with https: %s",
    async (url, isSecure) => {
      const app = appOf(memorySessions(), (c) =>
        c.json(c.get("session").set("colour", "red").isNew),
      );
      const header = (await app.request(url)).headers.get("set-cookie") ?? "";
      expect(header.includes("; Secure")).toBe(isSecure);
    },
  );

  test("is one, where the middleware comes twice", async () => {
    const sessions = memorySessions();
    const app = appOf(sessions, (c) => c.json(c.get("session").set("colour", "red").isNew));
    const twice = new Hono<SessionEnv>();
    twice.use(sessionMiddleware({ sessions })).route("/", app);
    const stale = withCookie(`sessionid=${strangeId}`); // whose removal must not follow the new one
    const response = await twice.request("/", stale);
    expect(await storedFor(response, sessions)).toEqual({ colour: "red" });
  });

  test("does not take the place of somebody else's", async () => {
    const app = new Hono<{ Variables: { session: unknown } }>();
    let error: unknown;
    app.use((c, next) => {
      c.set("session", { of: "somebody else" });
      return next();
    });
    app.route(
      "/",
      appOf(memorySessions(), (c) => c.text("not reached")),
    );
    app.onError((thrown, c) => {
      error = thrown;
      return c.text("a bug", 500);
    });
    expect((await app.request("/")).status).toBe(500);
    expect(error).toBeInstanceOf(ConfigurationError);
  });

  test("needs options that are known", () => {
    const sessions = memorySessions();
    expect(() => sessionMiddleware({ sessions, secret: "x" } as never)).toThrow(ConfigurationError);
    expect(() => sessionMiddleware({} as never)).toThrow(TypeError);
  });
});

describe("a session's headers in Hono", () => {
  /** Answers like the handler, after the session was written to. */
  async function responseOf(handler: Handler): Promise<Response> {
    const app = appOf(memorySessions(), (c) => {
      c.get("session").set("colour", "red");
      return handler(c);
    });
    const response = await app.request("/");
    expect(response.headers.getSetCookie().join()).toMatch(/sessionid=.{46};/);
    return response;
  }

  test("go with a response of fetch(), whose headers cannot be changed", async () => {
    const response = await responseOf(() => fetch("data:text/plain,hello"));
    expect(await response.text()).toBe("hello");
    expect(response.headers.get("vary")).toBe("Cookie");
    expect(response.headers.get("content-type")).toBe("text/plain");
  });

  test("go with a response of fetch() that sends no cookie", async () => {
    const app = appOf(memorySessions(), (c) => {
      c.get("session").get("colour");
      return fetch("data:text/plain,hello");
    });
    const response = await app.request("/");
    expect(await response.text()).toBe("hello");
    expect(response.headers.get("vary")).toBe("Cookie");
    expect(response.headers.get("cache-control")).toBe("private");
  });

  test("go with Response.redirect()", async () => {
    const response = await responseOf(() => Response.redirect("http://shop.example/cart", 303));
    expect(response.status).toBe(303);
    expect(response.headers.get("location")).toBe("http://shop.example/cart");
  });

  test("go with c.redirect()", async () => {
    const response = await responseOf((c) => c.redirect("/cart"));
    expect(response.status).toBe(302);
    expect(response.headers.get("location")).toBe("/cart");
  });

  test("go with a body that is a stream", async () => {
    const response = await responseOf((c) => c.body(ReadableStream.from([Buffer.from("flow")])));
    expect(await response.text()).toBe("flow");
  });

  test("go with server-sent events", async () => {
    const response = await responseOf((c) =>
      streamSSE(c, (stream) => stream.writeSSE({ event: "colour", data: "red" })),
    );
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(await response.text()).toBe("event: colour\ndata: red\n\n");
  });

  test("go with the answer of a path that has no route", async () => {
    const app = new Hono<SessionEnv>();
    app.use(sessionMiddleware({ sessions: memorySessions() }));
    app.notFound((c) => c.json(c.get("session").set("lost", true).isNew, 404));
    const response = await app.request("/nowhere");
    expect(response.status).toBe(404);
    expect(cookieOf(response)).toMatch(/^sessionid=.{46}$/);
  });

  test("stand beside the cookies of others", async () => {
    const response = await responseOf((c) => {
      c.header("Set-Cookie", "theme=dark");
      c.header("Set-Cookie", "lang=en", { append: true });
      return c.text("ok");
    });
    const names = response.headers.getSetCookie().map((header) => header.split("=", 1)[0]);
    expect(names).toEqual(["theme", "lang", "sessionid"]);
  });

  test.each([
    ["Accept-Encoding", "Accept-Encoding, Cookie"],
    ["Accept, cookie", "Accept, cookie"],
    ["*", "*"],
  ])("make Vary: %s into %s", async (before, after) => {
    const response = await responseOf((c) => c.text("ok", 200, { Vary: before }));
    expect(response.headers.get("vary")).toBe(after);
  });

  test("leave a Cache-Control of the handler's alone", async () => {
    const response = await responseOf((c) => c.text("ok", 200, { "Cache-Control": "no-store" }));
    expect(response.headers.get("cache-control")).toBe("no-store");
  });

  test("of one visitor never reach another who is given the same response", async () => {
    const shared = new Response(null, { status: 204 });
    const app = appOf(memorySessions(), (c) => {
      if (c.req.path === "/set") c.get("session").set("colour", "red");
      return shared;
    });
    expect(cookieOf(await app.request("/set"))).toMatch(/^sessionid=/);
    expect((await app.request("/")).headers.getSetCookie()).toEqual([]);
    expect(shared.headers.getSetCookie()).toEqual([]);
  });
});

describe("Hono's server for Node", () => {
  test("passes on a response of fetch() with the session's cookie", async () => {
    const upstream = createServer((_, response) => response.end("from upstream"));
    const port = await startedTcp((socket) => void upstream.emit("connection", socket));
    const app = appOf(memorySessions(), (c) => {
      c.get("session").set("colour", "red");
      return fetch(`http://127.0.0.1:${port}/`);
    });
    const answer = await new Browser(await served(app)).get("/");
    expect(answer.body).toBe("from upstream");
    expect(answer.setCookies).toHaveLength(1);
  });

  test("answers 503 to many at once while the store is gone, and no rejection is left unhandled", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    const app = appOf(await unreachableSessions(), (c) => {
      c.get("session").set("colour", "red");
      return c.text("not sent");
    });
    const browser = new Browser(await served(app));
    const answers = await Promise.all(Array.from({ length: 20 }, () => browser.get("/")));
    await new Promise(setImmediate);
    process.off("unhandledRejection", note);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
    expect(unhandled).toEqual([]);
  });
});
