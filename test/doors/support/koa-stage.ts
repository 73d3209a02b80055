import Koa, { type DefaultState, type ParameterizedContext } from "koa";
import { onTestFinished } from "vitest";
import { type SessionContext, sessionMiddleware } from "../../../src/adapters/koa/index.ts";
import type { Sessions } from "../../../src/contracts/sessions.ts";
import { serveKoa } from "../apps/koa-app.ts";
import { Browser } from "./browser.ts";

export type App = Koa<DefaultState, SessionContext>;

export type Context = ParameterizedContext<DefaultState, SessionContext>;

export type Handler = (ctx: Context) => void | Promise<void>;

/** Makes an application that a handler answers for; `around` comes before the session's middleware. */
export function appOf(sessions: Sessions, handler: Handler, around?: Koa.Middleware): App {
  const app: App = new Koa();
  app.silent = true; // or it prints every error that it answers
  if (around) app.use(around);
  app.use(sessionMiddleware({ sessions }));
  app.use(handler);
  return app;
}

/** Serves an application until the test is over. Returns a browser of its. */
export async function browserOf(app: App): Promise<Browser> {
  const running = await serveKoa(app);
  onTestFinished(() => running.close());
  return new Browser(running.url);
}

/** Returns what is stored of a browser's session. */
export async function storedFor(browser: Browser, sessions: Sessions): Promise<unknown> {
  const session = await sessions.load(browser.jar.valueOf("sessionid"));
  return Object.fromEntries(session.entries());
}
