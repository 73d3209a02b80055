import { setTimeout as wait } from "node:timers/promises";
import Koa, { type DefaultState, type Middleware, type ParameterizedContext } from "koa";
import session, { type CreateSessionOptions } from "koa-session";
import { onTestFinished } from "vitest";
import { CacheStore, type CacheStoreOptions } from "../../../src/adapters/koa/index.ts";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { SessionLayout } from "../../../src/contracts/session-store.ts";
import { openSessionStore } from "../../../src/sessions/index.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { freshPrefix, sharedUrl } from "../../support/fresh.ts";
import { openCache } from "../../support/open-cache.ts";
import { Browser } from "../support/browser.ts";
import type { Place } from "../support/stage.ts";
import { serveKoa } from "./koa-app.ts";

/** The session of koa-session, as far as these tests use it. */
export interface KoaSession {
  [field: string]: unknown;
  readonly isNew: boolean;
  maxAge: number | "session";
  toJSON(): object;
  save(): Promise<void>;
  regenerate(): Promise<void>;
}

export interface KoaSessionContext {
  session: KoaSession | null;
}

export type Context = ParameterizedContext<DefaultState, KoaSessionContext>;
export type KoaSessionApp = Koa<DefaultState, KoaSessionContext>;

/** A cache in a place, whose time passes when it is told to: really on Redis. */
export interface TimedCache {
  readonly cache: Cache;
  readonly pass: (ms: number) => Promise<void>;
}

function timedCache(place: Place): TimedCache {
  if (place === "Redis") {
    return { cache: openCache({ location: sharedUrl(), keyPrefix: freshPrefix() }), pass: wait };
  }
  const clock = new ManualClock(Date.now());
  return { cache: openCache({ clock }), pass: async (ms) => clock.advance(ms) };
}

export type KoaSessionHandler = Middleware<DefaultState, KoaSessionContext>;

/** What a test application is made of. */
export interface Parts {
  readonly store: CacheStore;
  /** koa-session's own. */
  readonly options?: CreateSessionOptions;
  /** Answers what the application itself does not. */
  readonly handler?: KoaSessionHandler;
}

/** Makes an application with koa-session. */
export function koaSessionApp({ store, options = {}, handler }: Parts): KoaSessionApp {
  const app: KoaSessionApp = new Koa({ keys: ["a key of these tests"] });
  app.silent = true; // or it prints every error that it answers
  app.use(session({ ...(!options.ContextStore && { store }), ...options }, app));
  if (handler) app.use(handler);
  app.use((ctx) => answer(ctx));
  return app;
}

/** Serves an application until the test is over. Returns what opens browsers. */
export async function browsersOf(app: KoaSessionApp): Promise<(jar?: Browser) => Browser> {
  const running = await serveKoa(app);
  onTestFinished(() => running.close());
  return (other) => new Browser(running.url, other ? { jar: other.jar } : {});
}

async function answer(ctx: Context): Promise<void> {
  const [, verb = "", field = "", value = ""] = ctx.path.split("/");
  if (verb === "set" && ctx.session) ctx.session[field] = value;
  if (verb === "logout") ctx.session = null;
  if (verb === "regenerate") await ctx.session?.regenerate();
  ctx.body = ctx.session?.toJSON() ?? {};
}

/** Each place and each layout. */
export const stores: readonly { readonly place: Place; readonly layout: SessionLayout }[] = [
  { place: "memory", layout: "merged" },
  { place: "memory", layout: "connect-redis" },
  { place: "Redis", layout: "merged" },
  { place: "Redis", layout: "connect-redis" },
];

/** A store that no other test has. */
export interface OpenedStore extends TimedCache {
  readonly store: CacheStore;
  /** What its stored keys begin with. */
  readonly prefix: string;
  /** How many sessions are stored. */
  readonly count: () => Promise<number>;
}

export function openStore(
  { place, layout }: (typeof stores)[number],
  more: Pick<CacheStoreOptions, "ttl" | "disableTouch"> = {},
): OpenedStore {
  const timed = timedCache(place);
  const options = { cache: timed.cache, layout, prefix: `${freshPrefix()}:` };
  return {
    ...timed,
    prefix: options.prefix,
    store: new CacheStore({ ...options, ...more }),
    count: () => openSessionStore(options).count(),
  };
}
