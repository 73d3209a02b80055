import { type Context, Hono } from "hono";
import { expect } from "vitest";
import { type SessionEnv, sessionMiddleware } from "../../../src/adapters/hono/index.ts";
import type { Sessions } from "../../../src/contracts/sessions.ts";

export type Handler = (c: Context<SessionEnv>) => Response | Promise<Response>;

/** Makes an application whose one route answers whatever is asked. */
export function appOf(sessions: Sessions, handler: Handler): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>();
  app.use(sessionMiddleware({ sessions }));
  app.all("*", handler);
  return app;
}

export function withCookie(cookie: string): RequestInit {
  return { headers: { cookie } };
}

/** Returns the name and value of a response's only cookie. */
export function cookieOf(response: Response): string {
  const [header = "", ...others] = response.headers.getSetCookie();
  expect(others).toEqual([]);
  return header.split(";", 1)[0] ?? "";
}

/** Returns what is stored of the session whose cookie a response gave. */
export async function storedFor(response: Response, sessions: Sessions): Promise<unknown> {
  const session = await sessions.load(cookieOf(response).replace("sessionid=", ""));
  return Object.fromEntries(session.entries());
}
