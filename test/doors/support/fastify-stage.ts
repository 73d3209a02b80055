import Fastify, {
  type FastifyInstance,
  type FastifyRequest,
  type FastifyServerOptions,
  type LightMyRequestResponse,
} from "fastify";
import { onTestFinished } from "vitest";
import {
  type SessionMiddlewareOptions,
  sessionPlugin,
} from "../../../src/adapters/fastify/index.ts";
import { type Session, type Sessions } from "../../../src/sessions/index.ts";
import { sessionOf } from "../apps/fastify-app.ts";
import { memorySessions } from "./sessions.ts";

/** An application with the plugin in its root. */
export interface Stage {
  readonly app: FastifyInstance;
  readonly sessions: Sessions;
}

export interface StageOptions extends Omit<SessionMiddlewareOptions, "sessions"> {
  readonly sessions?: Sessions;
  readonly fastify?: FastifyServerOptions;
  /** Adds what comes before the plugin. */
  readonly before?: (app: FastifyInstance) => unknown;
}

export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const { fastify = {}, before, sessions = memorySessions(), ...rest } = options;
  const app = openApp(fastify);
  await before?.(app);
  await app.register(sessionPlugin, { sessions, ...rest });
  return { app, sessions };
}

export function openApp(options: FastifyServerOptions = {}): FastifyInstance {
  const app = Fastify(options);
  onTestFinished(async () => {
    await app.close();
  });
  return app;
}

/** Returns the `Cookie` header of a visitor whose session holds `{ user: "ann" }`. */
export async function visitor(sessions: Sessions): Promise<Record<string, string>> {
  const session = await sessions.load(undefined);
  await session.set("user", "ann").save();
  return { cookie: `sessionid=${session.id}` };
}

/** Returns what is stored under the id that an answer's cookie, or a request's, names. */
export async function storedFields(sessions: Sessions, cookie: unknown): Promise<unknown> {
  const id = /sessionid=([^;]+)/.exec(String(cookie))?.[1];
  return Object.fromEntries((await sessions.load(id)).entries());
}

export function setCookiesOf(answer: LightMyRequestResponse): string[] {
  return [answer.headers["set-cookie"] ?? []].flat();
}

/** Sets a field, and lets the application answer as it will. */
export function mark(request: FastifyRequest): Session {
  return sessionOf(request).set("colour", "red");
}

export function callersError(statusCode: number): Error {
  return Object.assign(new Error("thrown by the handler"), { statusCode });
}
