import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import cookiePlugin from "@fastify/cookie";
import fastifySession from "@fastify/session";
import Fastify, { type FastifyInstance } from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { CacheStore, type CacheStoreOptions } from "../../src/adapters/fastify/index.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { runProgram } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { type Answer, Browser } from "./support/browser.ts";

declare module "fastify" {
  interface Session {
    user?: string;
    cart?: string[];
    [field: string]: unknown;
  }
}

type SessionOptions = Omit<fastifySession.FastifySessionOptions, "secret" | "store">;
type Layout = "merged" | "connect-redis";

interface Place {
  readonly where: "memory" | "Redis";
  readonly layout: Layout;
}

const places: readonly Place[] = [
  { where: "memory", layout: "merged" },
  { where: "memory", layout: "connect-redis" },
  { where: "Redis", layout: "merged" },
  { where: "Redis", layout: "connect-redis" },
];

const layouts: readonly Layout[] = ["merged", "connect-redis"];

interface StageOptions {
  readonly session?: SessionOptions;
  readonly server?: RedisServer;
  /** Adds routes of a test's own. */
  readonly routes?: (app: FastifyInstance) => void;
}

/** An application with `@fastify/session` over our store, and where it lives. */
interface Stage {
  readonly store: CacheStore;
  /** Opens the browser of a new visitor. */
  readonly open: () => Browser;
}

async function openStage({ where, layout }: Place, options: StageOptions = {}): Promise<Stage> {
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
function fieldsOf(session: object): unknown {
  const { cookie: _, ...fields } = JSON.parse(JSON.stringify(session));
  return fields;
}

/** Returns the id in the cookie that a browser keeps. */
function idOf(browser: Browser): string {
  return idIn(`sessionId=${browser.jar.valueOf("sessionId")}`);
}

/** Returns the id in a cookie, which is signed. */
function idIn(cookie: string): string {
  const [, value = ""] = cookie.split("=");
  return value.slice(0, value.lastIndexOf("."));
}

/** Returns what sends back the cookie of an answer, which a browser drops up to a second too early. */
function cookieOf({ setCookies }: Answer): { readonly cookie: string } {
  const [cookie = ""] = setCookies.map((header) => header.split(";", 1)[0]);
  return { cookie };
}

/** Asks a store for a session, as callers with callbacks do. */
function read(store: CacheStore, id: string): Promise<Record<string, unknown> | null | undefined> {
  return new Promise((resolve, reject) => {
    store.get<Record<string, unknown>>(id, (error, found) => {
      if (error instanceof Error) reject(error);
      else resolve(found);
    });
  });
}

function write(store: CacheStore, id: string, session: object): Promise<unknown> {
  return new Promise((resolve) => {
    store.set(id, session, resolve);
  });
}

/** Returns the one key of a server that holds a session. */
async function keyOn(server: RedisServer): Promise<string> {
  const keys = (await server.cli("--scan")).split("\n");
  expect(keys).toHaveLength(1);
  return keys[0] ?? "";
}

describe.each(places)("@fastify/session over a CacheStore in $where, $layout", (place) => {
  test("a login is there at the next request, under a new id", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/push/tea");
    const before = idOf(browser);
    await browser.post("/login/ann");
    expect(idOf(browser)).not.toBe(before);
    expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
  });

  test("regenerate() keeps the fields that it names, and the old id is dead", async () => {
    const { store, open } = await openStage(place);
    const browser = open();
    await browser.post("/push/tea");
    await browser.post("/set/colour/red");
    const before = idOf(browser);
    await browser.post("/login/ann");
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea"], user: "ann" });
    expect(await read(store, before)).toBeUndefined();
  });

  test("a logout ends the session: its cookie gives a new one", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/login/ann");
    const before = idOf(browser);
    expect((await browser.post("/logout")).status).toBe(204);
    expect((await browser.get("/me")).json()).toEqual({ user: null });
    expect(idOf(browser)).not.toBe(before);
  });

  test("a request under way at the logout answers 400 and brings nothing back", async () => {
    let isUnderWay = false;
    const routes = (app: FastifyInstance) =>
      app.addHook("preHandler", async ({ url }) => void (isUnderWay ||= url.includes("ms=")));
    const { open, store } = await openStage(place, { routes });
    const browser = open();
    await browser.post("/login/ann");
    const id = idOf(browser);
    const slow = browser.post("/set/colour/red?ms=1200");
    await until("the slow request has read the session", () => isUnderWay);
    await browser.post("/logout");
    const answer = await slow;
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    expect(answer.json()).toMatchObject({ code: "SESSION_INTERRUPTED", statusCode: 400 });
    expect(await read(store, id)).toBeUndefined();
  });

  test("nested changes and removed fields are stored", async () => {
    const browser = (await openStage(place)).open();
    await browser.post("/push/tea");
    await browser.post("/push/milk");
    await browser.post("/set/colour/red");
    await browser.post("/delete/colour");
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea", "milk"] });
  });

  test("reload() brings what is stored, and drops what is not", async () => {
    const routes = (app: FastifyInstance) =>
      app.post("/reload", async (request) => {
        const { cookie = "" } = request.headers;
        await open().post("/set/colour/red", { headers: { cookie } });
        request.session["size"] = "large";
        await request.session.reload();
        return fieldsOf(request.session);
      });
    const { open } = await openStage(place, { routes });
    const browser = open();
    await browser.post("/login/ann");
    expect((await browser.post("/reload")).json()).toEqual({ user: "ann", colour: "red" });
    expect((await browser.get("/fields")).json()).toEqual({ user: "ann", colour: "red" });
  });

  test("ends with its cookie, also within a second", async () => {
    const session = { cookie: { maxAge: 400 } };
    const { store, open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    const { cookie } = headers;
    await until("it has ended", async () => (await read(store, idIn(cookie))) === undefined);
    const answer = await open().get("/me", { headers });
    expect(answer.json()).toEqual({ user: null });
    expect(cookieOf(answer)).not.toEqual(headers);
  });

  test.each(["expires", "originalExpires"])(
    "is read with the moment at which it ends, as %s",
    async (name) => {
      const maxAge = 60_000;
      const { store, open } = await openStage(place, { session: { cookie: { maxAge } } });
      const browser = open();
      await browser.post("/login/ann");
      const cookie = (await read(store, idOf(browser)))?.["cookie"] as Record<string, Date>;
      expect(cookie["originalMaxAge"]).toBe(maxAge);
      const leftMs = Number(cookie[name]) - Date.now();
      expect(leftMs).toBeGreaterThan(maxAge - 10_000);
      expect(leftMs).toBeLessThanOrEqual(maxAge);
    },
  );

  test("lives on from each request where it is rolling", async () => {
    const session = { cookie: { maxAge: 2_500 } };
    const { store, open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    for (let request = 1; request <= 3; request++) {
      await wait(1_000);
      const answer = await open().get("/me", { headers });
      expect(answer.json()).toEqual({ user: "ann" });
      expect(cookieOf(answer)).toEqual(headers);
    }
    const found = await read(store, idIn(headers.cookie));
    expect(found).toMatchObject({ cookie: { originalMaxAge: 2_500 } });
  });

  test("ends although it is read where it is not rolling", async () => {
    const session = { rolling: false, cookie: { maxAge: 1_500 } };
    const { open } = await openStage(place, { session });
    const headers = cookieOf(await open().post("/login/ann"));
    const whose = async () => (await open().get("/me", { headers })).json();
    expect(await whose()).toEqual({ user: "ann" });
    await until("it has ended", async () => !JSON.stringify(await whose()).includes("ann"));
  });

  test("a session without an end of its own is given the store's", async () => {
    const location = place.where === "memory" ? "memory:" : sharedUrl();
    const cache = openCache({ location, keyPrefix: freshPrefix() });
    const ttl = (session: Readonly<Record<string, unknown>>) => (session["user"] ? "300ms" : "1h");
    const options: CacheStoreOptions = { cache, ttl, layout: place.layout, prefix: freshPrefix() };
    const store = new CacheStore(options);
    const session = { cookie: { expires: null, originalMaxAge: null } };
    await write(store, "short", { ...session, user: "ann" });
    await write(store, "long", session);
    await until("it has ended", async () => (await read(store, "short")) === undefined);
    expect(await read(store, "long")).toMatchObject(session);
  });

  test.each([true, false])("with saveUninitialized %j strangers are stored", async (isSaved) => {
    const session = { saveUninitialized: isSaved };
    const { open } = await openStage(place, { session });
    const answer = await open().get("/me");
    expect(answer.setCookies).toHaveLength(isSaved ? 1 : 0);
  });

  test("the field that links a session to the store is in no JSON, and in nothing stored", async () => {
    const { store, open } = await openStage(place);
    const browser = open();
    await browser.post("/login/ann");
    const answer = await browser.get("/session");
    expect(answer.json()).toMatchObject({ user: "ann" });
    expect(answer.body).not.toContain("cachewell");
    await browser.post("/set/colour/red");
    const stored = await read(store, idOf(browser));
    const { ["#cachewell"]: link, ...session } = stored ?? {};
    expect(typeof link).toBe("function");
    expect(JSON.stringify(stored)).toBe(JSON.stringify(session));
  });

  test("a session can be stored again and again under one id", async () => {
    const { store } = await openStage(place);
    const session: Record<string, unknown> = { cookie: { expires: null }, user: "ann" };
    expect(await write(store, "id", session)).toBeNull();
    session["colour"] = "red";
    expect(await write(store, "id", session)).toBeNull();
    expect(fieldsOf((await read(store, "id")) ?? {})).toEqual({ user: "ann", colour: "red" });
  });

  test("a session that was stored and then destroyed is not stored again", async () => {
    const { store } = await openStage(place);
    const session: Record<string, unknown> = { cookie: { expires: null }, user: "ann" };
    await write(store, "id", session);
    await promisify(store.destroy.bind(store))("id");
    session["colour"] = "red";
    expect(await write(store, "id", session)).toMatchObject({ code: "SESSION_INTERRUPTED" });
    expect(await read(store, "id")).toBeUndefined();
  });

  test("a session that comes from elsewhere is stored over whatever there is", async () => {
    const { store } = await openStage(place);
    await write(store, "id", { cookie: { expires: null }, user: "ann", colour: "red" });
    await write(store, "id", { cookie: { expires: null }, user: "bob" });
    expect(fieldsOf((await read(store, "id")) ?? {})).toEqual({ user: "bob" });
  });
});

describe("requests of one visitor side by side", () => {
  test.each(places.filter(({ layout }) => layout === "merged"))(
    "50 that write different fields keep all of them, in $where",
    async (place) => {
      const browser = (await openStage(place)).open();
      await browser.post("/login/ann");
      const fields = Array.from({ length: 50 }, (_, number) => `field${number}`);
      await Promise.all(fields.map((field) => browser.post(`/set/${field}/written`)));
      const expected = Object.fromEntries(fields.map((field) => [field, "written"]));
      expect((await browser.get("/fields")).json()).toEqual({ user: "ann", ...expected });
    },
  );
});

describe("what a request costs", () => {
  async function watched(layout: Layout, session: SessionOptions = {}) {
    const server = await startedRedis();
    const { open } = await openStage({ where: "Redis", layout }, { server, session });
    const browser = open();
    await browser.post("/login/ann");
    await browser.post("/set/colour/red"); // all scripts are loaded
    return { server, browser, commands: await CommandLog.of(server) };
  }

  test.each([{}, { cookie: { maxAge: 86_400_000 } }, { rolling: false }])(
    "one command where it reads only, with %j",
    async (session) => {
      const { browser, commands } = await watched("merged", session);
      expect(await commands.during(() => browser.get("/me"))).toHaveLength(1);
    },
  );

  test("one command where it reads only, right after the session was made", async () => {
    const server = await startedRedis();
    const session = { cookie: { maxAge: 86_400_000 } };
    const place: Place = { where: "Redis", layout: "merged" };
    const { store, open } = await openStage(place, { server, session });
    await read(store, "nobody"); // the script that reads is loaded
    const browser = open();
    await browser.get("/me");
    const commands = await CommandLog.of(server);
    expect(await commands.during(() => browser.get("/me"))).toHaveLength(1);
  });

  test("two commands where it changes something", async () => {
    const { browser, commands } = await watched("merged");
    expect(await commands.during(() => browser.post("/set/colour/blue"))).toHaveLength(2);
    expect(await commands.during(() => browser.post("/push/tea"))).toHaveLength(2);
  });

  test.each([{}, { cookie: { maxAge: 86_400_000 } }, { rolling: false }])(
    "no write where it reads only, in connect-redis' layout, with %j",
    async (session) => {
      const { browser, commands } = await watched("connect-redis", session);
      const sent = await commands.during(() => browser.get("/me"));
      expect(new Set(sent)).toEqual(new Set(["get", "pttl"]));
    },
  );
});

describe("a stored session that is not as it should be", () => {
  async function visited(layout: Layout) {
    const server = await startedRedis();
    const { open } = await openStage({ where: "Redis", layout }, { server });
    const browser = open();
    await browser.post("/set/user/ann");
    return { server, browser, key: await keyOn(server) };
  }

  test.each(layouts)("is no session where it cannot be read: %s", async (layout) => {
    const { server, browser, key } = await visited(layout);
    const before = idOf(browser);
    if (layout === "merged") await server.cli("HSET", key, "data:user", '{"broken');
    else await server.cli("SET", key, '{"broken', "KEEPTTL");
    const answer = await browser.get("/me");
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ user: null });
    expect(idOf(browser)).not.toBe(before);
  });

  test.each(layouts)("is no session where another type is in its place: %s", async (layout) => {
    const { server, browser, key } = await visited(layout);
    await server.cli("DEL", key);
    await server.cli("RPUSH", key, "an item");
    const answer = await browser.get("/me");
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ user: null });
  });

  test.each(layouts)("has no prototype of its own: %s", async (layout) => {
    const { server, browser, key } = await visited(layout);
    const evil = '{"user":"eve","admin":true}';
    if (layout === "merged") {
      await server.cli("HDEL", key, "data:user");
      await server.cli("HSET", key, "data:__proto__", evil);
    } else {
      await server.cli("SET", key, `{"cookie":{"expires":null},"__proto__":${evil}}`, "KEEPTTL");
    }
    expect((await browser.get("/me")).json()).toEqual({ user: null });
    expect(Object.hasOwn(Object.prototype, "admin")).toBe(false);
  });
});

describe("a Redis that is down", () => {
  test.each(["kill", "freeze"] as const)("answers 503 in time, after a %s", async (how) => {
    const server = await startedRedis();
    const place: Place = { where: "Redis", layout: "merged" };
    const { open } = await openStage(place, { server });
    const browser = open();
    await browser.post("/login/ann");
    await (how === "kill" ? server.kill() : server.freeze());
    for (const visitor of [browser, open()]) {
      const startedMs = performance.now();
      const answer = await visitor.get("/me");
      expect(answer.status).toBe(503);
      expect(answer.setCookies).toEqual([]);
      expect(performance.now() - startedMs).toBeLessThan(2_500);
    }
  });

  test.each(layouts)("does not cost a session whose reload() failed: %s", async (layout) => {
    const server = await startedRedis();
    const routes = (app: FastifyInstance) =>
      app.post("/reload", async (request) => {
        server.freeze();
        const error = await request.session.reload().catch((reason: unknown) => reason);
        server.thaw();
        await until("Redis is back", async () => (await server.cli("PING")) === "PONG");
        return { failed: error instanceof Error };
      });
    const { open } = await openStage({ where: "Redis", layout }, { server, routes });
    const browser = open();
    await browser.post("/login/ann");
    const answer = await browser.post("/reload");
    expect(answer.status).toBe(503);
    await until("it is served again", async () => (await browser.get("/me")).status === 200);
    expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
  });
});

describe("the callbacks", () => {
  test("are called once, whatever they throw", async () => {
    const { exitCode, stdout, stderr } = await runProgram(`
      import { createCache } from "cachewell";
      import { CacheStore } from "cachewell/fastify";
      const calls = [];
      process.on("uncaughtException", (error, of) => calls.push(error.message + ", " + of));
      const thrower = (name) => () => { calls.push(name); throw new Error("by " + name); };
      const cache = createCache();
      const store = new CacheStore({ cache });
      store.set("id", { cookie: {} }, thrower("set"));
      store.set("id", { cookie: {}, no: { no: () => 1 } }, thrower("failed set"));
      store.get("id", thrower("get"));
      store.destroy("id", thrower("destroy"));
      setTimeout(async () => { await cache.close(); console.log(calls.sort().join("\\n")); }, 100);`);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    const names = ["destroy", "failed set", "get", "set"];
    const thrown = names.map((name) => `by ${name}, uncaughtException`);
    expect(stdout.trim().split("\n")).toEqual([...thrown, ...names]);
  });

  test("are called on a later tick", async () => {
    const store = new CacheStore({ cache: openCache() });
    let isLater = false;
    const called = new Promise((resolve) => {
      store.get("id", () => resolve(isLater));
    });
    isLater = true;
    expect(await called).toBe(true);
  });

  test("may be left out where there is nothing to give", async () => {
    const store = new CacheStore({ cache: openCache() });
    store.set("id", { cookie: {} });
    await until("it is stored", async () => (await read(store, "id")) !== undefined);
    store.set("id", { cookie: {}, broken: { no: () => 1 } });
    store.destroy("id");
    await until("it is destroyed", async () => (await read(store, "id")) === undefined);
    expect(await read(store, "id")).toBeUndefined();
  });
});

test.each<readonly [object, string]>([
  [{}, "cache must be a cache"],
  [{ cache: 1, prefx: "x" }, 'The option "prefx" of CacheStore is not known'],
])("the options %j are refused", (options, message) => {
  expect(() => new CacheStore(options as unknown as CacheStoreOptions)).toThrow(message);
});
