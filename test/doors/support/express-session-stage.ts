import { createRequire } from "node:module";
import type { Express, Request, RequestHandler, Response } from "express";
import { onTestFinished } from "vitest";
import { CacheStore, type CacheStoreOptions } from "../../../src/adapters/express/index.ts";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import { freshPrefix, sharedUrl } from "../../support/fresh.ts";
import { openCache } from "../../support/open-cache.ts";
import { listen, silentExpress } from "../apps/express-app.ts";
import { Browser } from "./browser.ts";

/** A session of express-session, as far as these tests use one. */
export interface ExpressSession {
  readonly id: string;
  readonly cookie: { maxAge: number | null; readonly expires: Date | null };
  save(callback?: Callback): void;
  touch(): void;
  reload(callback: Callback): void;
  regenerate(callback: Callback): void;
  destroy(callback?: Callback): void;
  [field: string]: unknown;
}

type Callback = (error?: unknown) => void;

/**
 * The package as its JavaScript is: its types would give every request of these tests its session, those
 * with a session of ours too.
 */
const expressSession = createRequire(import.meta.url)("express-session") as (
  options: object,
) => RequestHandler;

/** Where sessions live, and how. */
export interface Setting {
  readonly place: "memory" | "Redis";
  readonly layout: "merged" | "connect-redis";
}

export const settings: readonly Setting[] = [
  { place: "memory", layout: "merged" },
  { place: "memory", layout: "connect-redis" },
  { place: "Redis", layout: "merged" },
  { place: "Redis", layout: "connect-redis" },
];

export interface StoreStageOptions {
  readonly cache?: CacheOptions;
  readonly store?: Partial<CacheStoreOptions>;
  /** Options of express-session's own. */
  readonly session?: object;
}

/** An application with express-session over a store of one test. */
export interface StoreStage {
  readonly cache: Cache;
  readonly store: CacheStore;
  /** What the stored keys of sessions begin with. */
  readonly keyHead: string;
  readonly url: string;
  readonly browser: Browser;
  /** Errors that the application's error handling was given, in their order. */
  readonly errors: readonly unknown[];
}

/** Opens an application as sites with express-session are. */
export async function openStoreStage(
  { place, layout }: Setting,
  options: StoreStageOptions = {},
): Promise<StoreStage> {
  const keyPrefix = freshPrefix();
  const location = place === "memory" ? "memory:" : sharedUrl();
  const cache = openCache({ location, keyPrefix, ...options.cache });
  const prefix = layout === "merged" ? "sess:" : `${keyPrefix}:sess:`;
  const store = new CacheStore({ cache, prefix, layout, ...options.store });
  const errors: unknown[] = [];
  const app = createSite({ store, ...options.session });
  app.use((error: unknown, _request: Request, _response: Response, next: Callback) => {
    errors.push(error);
    next(error);
  });
  const running = await listen(app);
  onTestFinished(() => running.close());
  const { url } = running;
  return { cache, store, keyHead: keyPrefix, url, errors, browser: new Browser(url) };
}

/** Returns the session that express-session gave a request. */
function sessionOf(request: Request): ExpressSession {
  return (request as unknown as { readonly session: ExpressSession }).session;
}

/** Returns the id in a browser's cookie, which express-session signs. */
export function sidOf(browser: Browser): string {
  const value = decodeURIComponent(browser.jar.valueOf("connect.sid") ?? "");
  const [, id] = /^s:([^.]+)\./.exec(value) ?? [];
  if (id === undefined) throw new Error("The browser has no session cookie.");
  return id;
}

function createSite(options: object): Express {
  const app = silentExpress();
  app.use(expressSession({ secret: "s", resave: false, saveUninitialized: false, ...options }));
  addLogins(app);
  addFields(app);
  return app;
}

function addLogins(app: Express): void {
  app.get("/me", (request, response) => {
    response.json({ user: sessionOf(request)["user"] ?? null });
  });
  app.post("/login/:user", (request, response, next) => {
    sessionOf(request).regenerate((problem) => {
      if (problem) return next(problem);
      sessionOf(request)["user"] = request.params.user;
      sessionOf(request).save((error) => (error ? next(error) : response.json({ ok: true })));
    });
  });
  app.post("/logout", (request, response, next) => {
    sessionOf(request).destroy((error) => (error ? next(error) : response.sendStatus(204)));
  });
  app.post("/unset", (request, response) => {
    Object.assign(request, { session: null });
    response.sendStatus(204);
  });
}

function addFields(app: Express): void {
  app.get("/plain", (_request, response) => {
    response.send("plain");
  });
  app.post("/set/:field/:value", (request, response) => {
    sessionOf(request)[request.params.field] = request.params.value;
    response.json({ ok: true });
  });
  app.post("/slow-set/:field/:value", (request, response) => {
    sessionOf(request)[request.params.field] = request.params.value;
    setTimeout(() => response.json({ ok: true }), Number(request.query["ms"]));
  });
  app.get("/slow", (request, response) => {
    setTimeout(() => response.send("slow"), Number(request.query["ms"]));
  });
  app.get("/fields", (request, response) => {
    const { cookie: _cookie, ...fields } = { ...sessionOf(request) };
    response.json(fields);
  });
  app.post("/saved-twice", (request, response, next) => {
    sessionOf(request)["first"] = 1;
    sessionOf(request).save((error) => {
      if (error) return next(error);
      sessionOf(request)["second"] = 2;
      response.json({ ok: true });
    });
  });
  app.post("/reloaded/:value", (request, response, next) => {
    sessionOf(request)["colour"] = request.params.value;
    sessionOf(request).reload((error) => {
      if (error) return next(error);
      response.json({ colour: sessionOf(request)["colour"] ?? null });
    });
  });
}

/** Returns what a method of the store gives its callback. */
export function ask<T>(
  call: (callback: (error: unknown, result?: T | null) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

/** A session as `get` gives it. */
export interface Stored {
  readonly cookie: { readonly expires?: Date | string; readonly originalMaxAge: number | null };
  readonly [field: string]: unknown;
}

/** A moment, or the text of one in JSON. */
export function momentOf(expires: Date | string | undefined): number {
  return new Date(expires ?? "").getTime();
}

export function lengthOf(store: CacheStore): Promise<number> {
  return ask((callback) => store.length(callback));
}
