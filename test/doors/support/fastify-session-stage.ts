import { setTimeout as wait } from "node:timers/promises";
import cookiePlugin from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify, { type FastifyInstance } from "fastify";
import { onTestFinished } from "vitest";
import { CacheStore } from "../../../src/adapters/fastify/index.ts";
import type { RedisServer } from "../../../src/testing/redis-server.ts";
import { freshPrefix, sharedUrl } from "../../support/fresh.ts";
import { openCache } from "../../support/open-cache.ts";
import { Browser } from "./browser.ts";

declare module "fastify" {
  interface Session {
    user?: string;
    cart?: string[];
    [field: string]: unknown;
  }
}

export type SessionOptions = Omit<fastifySession.FastifySessionOptions, "secret" | "store">;

export type Layout = "merged" | "connect-redis";

export interface Place {
  readonly where: "memory" | "Redis";
  readonly layout: Layout;
}

export const layouts: readonly Layout[] = ["merged", "connect-redis"];

export interface StageOptions {
  readonly session?: SessionOptions;
  readonly server?: RedisServer;
  /** Adds routes of a test's own. */
  readonly routes?: (app: FastifyInstance) => void;
}

/** An application with `@fastify/session` over our store, and where it lives. */
export interface Stage {
  readonly store: CacheStore;
  /** Opens the browser of a new visitor. */
  readonly open: () => Browser;
}

export async function openStage(
  { where, layout }: Place,
  options: StageOptions = {},
): Promise<Stage> {
  const location = where === "memory" ? "memory:" : (options.server?.url() ?? sharedUrl());
  const cache = openCache({ location, keyPrefix: freshPrefix(), commandTimeout: "200ms" });
  const store = new CacheStore({ cache, layout, prefix: `${freshPrefix()}:` });
  const app = await openApp(store, options.session);
  options.routes?.(app);
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { store, open: () => new Browser(url) };
}

async function openApp(store: CacheStore, options: SessionOptions = {}): Promise<FastifyInstance> {
  const app = Fastify({ forceCloseConnections: true });
  onTestFinished(async () => {
    await app.close();
  });
  const cookie = { secure: false, ...options.cookie };
  await app.register(cookiePlugin);
  await app.register(fastifySession, { secret: "s".repeat(32), store, ...options, cookie });
  addRoutes(app);
  return app;
}

function addRoutes(app: FastifyInstance): void {
  app.get("/me", (request) => ({ user: request.session.user ?? null }));

  app.post<{ Params: { user: string } }>("/login/:user", async (request) => {
    await request.session.regenerate(["cart"]);
    request.session.user = request.params.user;
    return { user: request.params.user };
  });

  app.post("/logout", async (request, reply) => {
    await request.session.destroy();
    return reply.code(204).send();
  });

  app.post<{ Params: { item: string } }>("/push/:item", (request) => {
    const cart = (request.session.cart ??= []);
    cart.push(request.params.item);
    return { cart };
  });

  app.post<{ Params: { field: string; value: string }; Querystring: { ms?: string } }>(
    "/set/:field/:value",
    async (request) => {
      await wait(Number(request.query.ms ?? 0));
      request.session[request.params.field] = request.params.value;
      return { ok: true };
    },
  );

  app.post<{ Params: { field: string } }>("/delete/:field", (request) => ({
    deleted: delete request.session[request.params.field],
  }));

  app.get("/session", (request, reply) => reply.send(request.session));
  app.get("/fields", (request) => fieldsOf(request.session));
}

/** Returns what handlers put into a session. */
export function fieldsOf(session: object): unknown {
  const { cookie: _, ...fields } = JSON.parse(JSON.stringify(session));
  return fields;
}

/** Returns the id in the cookie that a browser keeps. */
export function idOf(browser: Browser): string {
  return idIn(`sessionId=${browser.jar.valueOf("sessionId")}`);
}

/** Returns the id in a cookie, which is signed. */
export function idIn(cookie: string): string {
  const [, value = ""] = cookie.split("=");
  return value.slice(0, value.lastIndexOf("."));
}

/** Asks a store for a session, as callers with callbacks do. */
export function read(
  store: CacheStore,
  id: string,
): Promise<Record<string, unknown> | null | undefined> {
  return new Promise((resolve, reject) => {
    store.get<Record<string, unknown>>(id, (error, found) => {
      if (error instanceof Error) reject(error);
      else resolve(found);
    });
  });
}

export function write(store: CacheStore, id: string, session: object): Promise<unknown> {
  return new Promise((resolve) => {
    store.set(id, session, resolve);
  });
}
