import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { createAdaptorServer } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { HTTPException } from "hono/http-exception";
import { streamText } from "hono/streaming";
import { type SessionEnv, sessionMiddleware } from "../../../src/adapters/hono/index.ts";
import { interrupt, lastingHeaders, replacedHeaders } from "../support/replaced-response.ts";
import {
  apology,
  type SessionApp,
  type SessionAppKind,
  type SessionAppOptions,
} from "../support/session-app.ts";

const chunks = 20;
const bigText = "x".repeat(1_048_576);

/** The application that the tests of all doors share, on Hono and its server for Node. */
export const honoApp: SessionAppKind = {
  name: "hono",
  start: (options) => serveHono(createHonoApp(options)),
};

/** Serves an application on a free port of this machine. */
export async function serveHono({ fetch }: Hono<SessionEnv>): Promise<SessionApp> {
  const server = createAdaptorServer({ fetch });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens by TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function createHonoApp(options: SessionAppOptions): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>();
  const { errorAnswer, ...sessionOptions } = options;
  app.use(sessionMiddleware(sessionOptions));
  addLogins(app, options);
  addFields(app);
  addFailures(app, options);
  addTexts(app);
  if (errorAnswer) app.onError((error, c) => apologize(c, error as HTTPException, errorAnswer));
  return app;
}

function addLogins(app: Hono<SessionEnv>, { sessions }: SessionAppOptions): void {
  app.get("/public", (c) => c.json({ public: true }));
  app.get("/me", (c) => {
    const session = c.get("session");
    const { isNew, detached } = session;
    return c.json({ user: session.get("userId") ?? null, new: isNew, detached });
  });
  app.post("/login/:user", async (c) => {
    const user = c.req.param("user");
    await c.get("session").set("userId", user).regenerate();
    return c.json({ user });
  });
  app.post("/logout", async (c) => {
    await c.get("session").destroy();
    return c.body(null, 204);
  });
  app.post("/logout-everywhere", async (c) => {
    const userId = c.get("session").get("userId", "");
    return c.json({ destroyed: await sessions.destroyAll({ userId }) });
  });
}

function addFields(app: Hono<SessionEnv>): void {
  app.post("/set/:field/:value", (c) => {
    setField(c);
    return c.json({ ok: true });
  });
  app.post("/slow-set/:field/:value", async (c) => {
    setField(c);
    await wait(Number(c.req.query("ms")));
    return c.json({ ok: true });
  });
  app.post("/push/:item", (c) => {
    const cart = c.get("session").setDefault<string[]>("cart", []);
    cart.push(c.req.param("item"));
    return c.json({ cart });
  });
  app.post("/delete/:field", (c) =>
    c.json({ deleted: c.get("session").delete(c.req.param("field")) }),
  );
  app.get("/fields", (c) => c.json(Object.fromEntries(c.get("session").entries())));
  app.post("/regenerate", async (c) => {
    await c.get("session").regenerate();
    return c.json({ ok: true });
  });
  app.post("/expiry/:seconds", (c) => {
    c.get("session").setExpiry(Number(c.req.param("seconds")));
    return c.json({ ok: true });
  });
}

function apologize(c: Context, { status }: HTTPException, how: "text" | "stream"): Response {
  return c.body(how === "text" ? apology.text : piecesOf(apology.pieces), status);
}

function piecesOf(texts: readonly string[]): ReadableStream {
  return ReadableStream.from(texts.map((text) => Buffer.from(text)));
}

function addFailures(app: Hono<SessionEnv>, { sessions }: SessionAppOptions): void {
  app.post("/interrupted", async (c) => {
    await interrupt(c.get("session"), sessions);
    return c.body("replaced", 201, { ...replacedHeaders, ...lastingHeaders });
  });
  app.post("/interrupted-json", async (c) => {
    await interrupt(c.get("session"), sessions);
    return c.json({ replaced: false });
  });
  app.post("/fail/:field/:value", (c) => {
    setField(c);
    return c.json({ failed: true }, 500);
  });
  app.post("/save-then-fail/:field/:value", async (c) => {
    setField(c);
    await c.get("session").save();
    return c.json({ failed: true }, 500);
  });
  app.post("/throw/:field/:value", (c) => {
    setField(c);
    throw new Error("thrown by the handler");
  });
}

function addTexts(app: Hono<SessionEnv>): void {
  app.get("/stream", (c) => streamChunks(c));
  app.post("/stream-set/:field/:value", (c) => {
    setField(c);
    return streamChunks(c);
  });
  app.get("/big", (c) => {
    c.get("session").get("userId");
    return c.text(bigText);
  });
}

function setField(c: Context<SessionEnv>): void {
  c.get("session").set(c.req.param("field") ?? "", c.req.param("value"));
}

function streamChunks(c: Context<SessionEnv>): Response {
  const user = c.get("session").get("userId", "none");
  return streamText(c, async (stream) => {
    for (let chunk = 1; chunk <= chunks; chunk++) {
      await stream.write(`chunk ${chunk} of ${user}\n`);
      await stream.sleep(2);
    }
  });
}
