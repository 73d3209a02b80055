import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from "express";
import { sessionMiddleware } from "../../../src/adapters/express/index.ts";
import type { Session } from "../../../src/contracts/sessions.ts";
import { interrupt, lastingHeaders, replacedHeaders } from "../support/replaced-response.ts";
import {
  apology,
  type SessionApp,
  type SessionAppKind,
  type SessionAppOptions,
  type SessionFailure,
} from "../support/session-app.ts";

const chunks = 20;
const bigText = "x".repeat(1_048_576);

/** The application that the tests of all doors share, on Express. */
export const expressApp: SessionAppKind = {
  name: "express",
  start: (options) => listen(createExpressApp(options)),
};

/** Makes the application without a server. */
function createExpressApp(options: SessionAppOptions): Express {
  const app = silentExpress();
  const { errorAnswer, ...sessionOptions } = options;
  app.use(sessionMiddleware(sessionOptions));
  addLogins(app, options);
  addFields(app);
  addFailures(app, options);
  addTexts(app);
  if (errorAnswer) app.use(apologizing(errorAnswer));
  return app;
}

/** Makes an Express that does not print the errors that it answers. */
export function silentExpress(): Express {
  return express().set("env", "test");
}

/** Returns the session that the middleware gave a request. */
export function sessionOf(request: Request): Session {
  return (request as unknown as { readonly session: Session }).session; // whose types are the user's to declare
}

/** Serves an application on a free port of this machine. */
export async function listen(app: Express): Promise<SessionApp> {
  const server = createServer(app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens by TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function addLogins(app: Express, { sessions }: SessionAppOptions): void {
  app.get("/public", (_request, response) => {
    response.json({ public: true });
  });
  app.get("/me", (request, response) => {
    const { isNew, detached } = sessionOf(request);
    const user = sessionOf(request).get("userId") ?? null;
    response.json({ user, new: isNew, detached });
  });
  app.post("/login/:user", async (request, response) => {
    const { user } = request.params;
    await sessionOf(request).set("userId", user).regenerate();
    response.json({ user });
  });
  app.post("/logout", async (request, response) => {
    await sessionOf(request).destroy();
    response.sendStatus(204);
  });
  app.post("/logout-everywhere", async (request, response) => {
    const userId = sessionOf(request).get("userId", "");
    response.json({ destroyed: await sessions.destroyAll({ userId }) });
  });
}

function addFields(app: Express): void {
  app.post("/set/:field/:value", (request, response) => {
    setField(request);
    response.json({ ok: true });
  });
  app.post("/slow-set/:field/:value", async (request, response) => {
    setField(request);
    await wait(Number(request.query["ms"]));
    response.json({ ok: true });
  });
  app.post("/push/:item", (request, response) => {
    const cart = sessionOf(request).setDefault<string[]>("cart", []);
    cart.push(request.params.item);
    response.json({ cart });
  });
  app.post("/delete/:field", (request, response) => {
    response.json({ deleted: sessionOf(request).delete(request.params.field) });
  });
  app.get("/fields", (request, response) => {
    response.json(Object.fromEntries(sessionOf(request).entries()));
  });
  app.post("/regenerate", async (request, response) => {
    await sessionOf(request).regenerate();
    response.json({ ok: true });
  });
  app.post("/expiry/:seconds", (request, response) => {
    sessionOf(request).setExpiry(Number(request.params.seconds));
    response.json({ ok: true });
  });
}

function apologizing(how: "text" | "stream"): ErrorRequestHandler {
  return ({ status }: SessionFailure, _request, response, _next) => {
    response.status(status);
    if (how === "text") response.end(apology.text);
    else Readable.from(apology.pieces).pipe(response);
  };
}

function addFailures(app: Express, { sessions }: SessionAppOptions): void {
  app.post("/interrupted", async (request, response) => {
    await interrupt(sessionOf(request), sessions);
    const headers = Object.entries({ ...replacedHeaders, ...lastingHeaders });
    for (const [name, value] of headers) response.setHeader(name, value);
    response.status(201).end("replaced");
  });
  app.post("/interrupted-json", async (request, response) => {
    await interrupt(sessionOf(request), sessions);
    response.json({ replaced: false });
  });
  app.post("/fail/:field/:value", (request, response) => {
    setField(request);
    response.status(500).json({ failed: true });
  });
  app.post("/save-then-fail/:field/:value", async (request, response) => {
    setField(request);
    await sessionOf(request).save();
    response.status(500).json({ failed: true });
  });
  app.post("/throw/:field/:value", (request) => {
    setField(request);
    throw new Error("thrown by the handler");
  });
}

function addTexts(app: Express): void {
  app.get("/stream", async (request, response) => {
    await sendChunks(response, sessionOf(request).get("userId", "none"));
  });
  app.post("/stream-set/:field/:value", async (request, response) => {
    setField(request);
    await sendChunks(response, sessionOf(request).get("userId", "none"));
  });
  app.post("/late-set/:field/:value", async (request, response) => {
    const user = sessionOf(request).get("userId", "none");
    await new Promise((resolve) => response.write("first\n", resolve));
    setField(request);
    await sendChunks(response, user);
  });
  app.get("/big", (request, response) => {
    sessionOf(request).get("userId");
    response.send(bigText);
  });
}

function setField(request: Request): void {
  const { field = "", value } = request.params;
  sessionOf(request).set(String(field), value);
}

/** Goes on whatever becomes of the response, as handlers do that look at nothing. */
async function sendChunks(response: Response, user: string): Promise<void> {
  for (let chunk = 1; chunk <= chunks; chunk++) {
    response.write(`chunk ${chunk} of ${user}\n`);
    await wait(2);
  }
  response.end();
}
