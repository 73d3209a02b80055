import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { describe, expect, onTestFinished, test } from "vitest";
import { CacheStore } from "../../src/adapters/express/index.ts";
import type { ErrorEvent } from "../../src/contracts/events.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { openCache } from "../support/open-cache.ts";
import { projectRoot, runProgram } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { Browser } from "./support/browser.ts";
import {
  openStoreStage,
  type StoreStage,
  type StoreStageOptions,
  settings,
  sidOf,
} from "./support/express-session-stage.ts";

const run = promisify(execFile);

/** Returns what a method of the store gives its callback. */
function ask<T>(call: (callback: (error: unknown, result?: T | null) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result as T)));
  });
}

/** A session as `get` gives it. */
interface Stored {
  readonly cookie: { readonly expires?: Date | string; readonly originalMaxAge: number | null };
  readonly [field: string]: unknown;
}

function storedOf({ store, browser }: StoreStage): Promise<Stored | null> {
  return ask<Stored | null>((callback) => store.get(sidOf(browser), callback));
}

/** A moment, or the text of one in JSON. */
function momentOf(expires: Date | string | undefined): number {
  return new Date(expires ?? "").getTime();
}

function lengthOf(store: CacheStore): Promise<number> {
  return ask((callback) => store.length(callback));
}

describe.each(settings)("express-session over a CacheStore in $place, $layout", (setting) => {
  const open = (options?: StoreStageOptions): Promise<StoreStage> =>
    openStoreStage(setting, options);

  test("logs in under a new id, and the old one is dead", async () => {
    const { browser, url } = await open();
    await browser.post("/set/colour/red");
    const cookie = browser.jar.headerFor("/") ?? "";
    await browser.post("/login/ann");
    expect((await browser.get("/fields")).json()).toEqual({ user: "ann" });
    const old = await new Browser(url).get("/fields", { headers: { cookie } });
    expect(old.json()).toEqual({});
  });

  test("logs out", async () => {
    const stage = await open();
    await stage.browser.post("/login/ann");
    expect((await stage.browser.post("/logout")).status).toBe(204);
    expect((await stage.browser.get("/me")).json()).toEqual({ user: null });
    expect(await lengthOf(stage.store)).toBe(0);
  });

  test("destroys a session that is unset, where it is told to", async () => {
    const { browser, store } = await open({ session: { unset: "destroy" } });
    await browser.post("/login/ann");
    await browser.post("/unset");
    expect((await browser.get("/me")).json()).toEqual({ user: null });
    expect(await lengthOf(store)).toBe(0);
  });

  test("saves twice in one request", async () => {
    const { browser } = await open();
    await browser.post("/saved-twice");
    await browser.post("/saved-twice");
    expect((await browser.get("/fields")).json()).toEqual({ first: 1, second: 2 });
  });

  test("reloads what is stored, and saves from there", async () => {
    const { browser } = await open();
    await browser.post("/set/colour/red");
    expect((await browser.post("/reloaded/blue")).json()).toEqual({ colour: "red" });
    await browser.post("/set/size/large");
    expect((await browser.get("/fields")).json()).toEqual({ colour: "red", size: "large" });
  });

  test("fails to reload what was destroyed", async () => {
    const { browser, store } = await open();
    await browser.post("/login/ann");
    type Loaded = Stored & { reload(callback: (error?: unknown) => void): void };
    const session = await ask<Loaded>((callback) => store.load<Loaded>(sidOf(browser), callback));
    await browser.post("/logout");
    const reloaded = ask((callback) => session.reload(callback));
    await expect(reloaded).rejects.toThrow("failed to load session");
  });

  test.each([
    [true, 1],
    [false, 0],
  ])("with saveUninitialized %j stores %i sessions of who only looks", async (flag, count) => {
    const { browser, store } = await open({ session: { saveUninitialized: flag } });
    await browser.get("/me");
    expect(await lengthOf(store)).toBe(count);
  });

  test("ends with the cookie, to the millisecond", async () => {
    const { browser, store } = await open({ session: { cookie: { maxAge: 250 } } });
    const startedMs = Date.now();
    const { setCookies } = await browser.post("/login/ann"); // whose own end is in whole seconds
    const [session] = await ask<Stored[]>((callback) => store.all(callback));
    const endsAtMs = momentOf(session?.cookie.expires);
    expect(endsAtMs).toBeGreaterThanOrEqual(startedMs + 240); // told to within 10 ms
    expect(endsAtMs).toBeLessThanOrEqual(Date.now() + 260);
    await until("its end has come", () => Date.now() > endsAtMs + 10);
    const headers = { cookie: setCookies[0]?.split(";")[0] ?? "" };
    expect((await browser.get("/me", { headers })).json()).toEqual({ user: null });
    expect(await lengthOf(store)).toBe(0);
  });

  test("lives on with each request, and its stored cookie says so", async () => {
    const stage = await open({ session: { cookie: { maxAge: 2_000 } } });
    await stage.browser.post("/login/ann");
    const before = await storedOf(stage);
    await wait(100);
    await stage.browser.get("/plain");
    const after = await storedOf(stage);
    const [was, is] = [before, after].map((session) => momentOf(session?.cookie.expires));
    expect(is).toBeGreaterThanOrEqual((was ?? 0) + 90);
    expect(after?.cookie.originalMaxAge).toBe(before?.cookie.originalMaxAge);
  });

  test("keeps its end, with disableTouch", async () => {
    const stage = await open({
      session: { cookie: { maxAge: 2_000 } },
      store: { disableTouch: true },
    });
    await stage.browser.post("/login/ann");
    const before = await storedOf(stage);
    await wait(100);
    await stage.browser.get("/plain");
    const after = await storedOf(stage);
    const [was, is] = [before, after].map((session) => momentOf(session?.cookie.expires));
    expect(is).toBeLessThan((was ?? 0) + 50);
  });

  test("sends a rolling cookie again, with an end that moved", async () => {
    const { browser } = await open({ session: { rolling: true, cookie: { maxAge: 60_000 } } });
    const [first = ""] = (await browser.post("/login/ann")).setCookies;
    const [again = ""] = (await browser.get("/plain")).setCookies;
    expect(endOf(again)).toBeGreaterThanOrEqual(endOf(first));
    expect(again).toContain("connect.sid=");
  });

  test("lives as long as ttl says where the cookie ends with the browser", async () => {
    const ttl = (session: Readonly<Record<string, unknown>>): string =>
      session["user"] === "ann" ? "150ms" : "1h";
    const { browser, store } = await open({ store: { ttl } });
    await browser.post("/login/ann");
    expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
    await until("the session is gone", async () => (await lengthOf(store)) === 0);
    await browser.post("/login/bob");
    await wait(200);
    expect((await browser.get("/me")).json()).toEqual({ user: "bob" });
  });

  test("does not come back when a slow request stores it after the logout", async () => {
    const stage = await open();
    await stage.browser.post("/login/ann");
    const headers = { cookie: stage.browser.jar.headerFor("/") ?? "" };
    const slow = stage.browser.post("/slow-set/colour/red?ms=300", { headers });
    await wait(100); // it has read the session by then
    await stage.browser.post("/logout");
    expect((await slow).status).toBe(200); // its head is on the way when express-session stores
    await until("the error is told", () => stage.errors.length > 0);
    expect(stage.errors).toMatchObject([{ code: "SESSION_INTERRUPTED", status: 400 }]);
    // On a connection of its own: Express closes that of an error which comes after the head.
    expect((await new Browser(stage.url).get("/fields", { headers })).json()).toEqual({});
    expect(await lengthOf(stage.store)).toBe(0);
  });

  test.each([true, false])(
    "does not come back, nor fail, where a slow request changed nothing; resave: %j",
    async (resave) => {
      const stage = await open({ session: { resave, cookie: { maxAge: 10_000 } } });
      await stage.browser.post("/login/ann");
      const headers = { cookie: stage.browser.jar.headerFor("/") ?? "" };
      const slow = stage.browser.get("/slow?ms=300", { headers });
      await wait(100); // it has read the session by then
      await stage.browser.post("/logout");
      expect((await slow).body).toBe("slow");
      expect(await lengthOf(stage.store)).toBe(0);
      expect(stage.errors).toEqual([]);
    },
  );

  test("counts, lists and clears its own sessions only, whatever its prefix is made of", async () => {
    const { cache, keyHead } = await open();
    const prefixes = ["a[b]*?:", "ab:", "a[b]*?:inner:"];
    const [store, other] = prefixes.map((name) => {
      const prefix = setting.layout === "merged" ? name : `${keyHead}${name}`;
      return new CacheStore({ cache, prefix, layout: setting.layout });
    }) as [CacheStore, CacheStore];
    for (const user of ["ann", "bob"]) {
      await ask((callback) => store.set(user, { cookie: {}, user }, callback));
    }
    await ask((callback) => other.set("eve", { cookie: {}, user: "eve" }, callback));
    const all = await ask<Stored[]>((callback) => store.all(callback));
    expect(all.map(({ user }) => String(user)).toSorted()).toEqual(["ann", "bob"]);
    expect(await lengthOf(store)).toBe(2);
    await ask((callback) => store.destroy("ann", callback));
    expect(await lengthOf(store)).toBe(1);
    await ask((callback) => store.clear(callback));
    expect([await lengthOf(store), await lengthOf(other)]).toEqual([0, 1]);
  });

  test("stores a session that it did not give over whatever there is", async () => {
    const { store } = await open();
    await ask((callback) => store.set("id", { cookie: {}, user: "ann", old: true }, callback));
    await ask((callback) => store.set("id", { cookie: {}, user: "bob" }, callback));
    const session = await ask<Stored>((callback) => store.get("id", callback));
    expect(session).toEqual({ cookie: {}, user: "bob" });
  });

  test("does not store a session that it gave once that is destroyed", async () => {
    const { store } = await open();
    await ask((callback) => store.set("id", { cookie: {}, user: "ann" }, callback));
    const session = await ask<Stored>((callback) => store.get("id", callback));
    await ask((callback) => store.destroy("id", callback));
    Object.assign(session, { user: "bob" });
    await expect(ask((callback) => store.set("id", session, callback))).rejects.toMatchObject({
      code: "SESSION_INTERRUPTED",
    });
    expect(await ask((callback) => store.get("id", callback))).toBeNull();
  });

  test("gives a session object out of no request, by load", async () => {
    const { store, browser } = await open();
    await browser.post("/login/ann");
    type Loaded = Stored & { save(callback: (error?: unknown) => void): void };
    const session = await ask<Loaded>((callback) => store.load<Loaded>(sidOf(browser), callback));
    Object.assign(session, { colour: "red" });
    await ask((callback) => session.save(callback));
    expect((await browser.get("/fields")).json()).toEqual({ user: "ann", colour: "red" });
  });

  test("gives a session's own fields only, though one be named __proto__", async () => {
    const { browser, store } = await open({ session: { rolling: true } });
    await browser.post("/login/ann");
    const evil = JSON.parse(
      '{"cookie":{"__proto__":{"path":"/evil"},"httpOnly":true},"__proto__":{"user":"eve"},"a":1}',
    ) as object;
    await ask((callback) => store.set(sidOf(browser), evil, callback));
    const { setCookies } = await browser.get("/me");
    expect((await browser.get("/me")).json()).toEqual({ user: null });
    expect((await browser.get("/fields")).json()).toEqual({ a: 1 });
    expect(setCookies).toEqual([expect.stringMatching(/; Path=\/; HttpOnly$/)]);
  });

  test("calls a callback once, and leaves what that throws alone", async () => {
    const { store } = await open();
    const calls: string[] = [];
    const thrown: string[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => thrown.push(error.message));
    const note = (name: string) => (): never => {
      calls.push(name);
      throw new Error(name);
    };
    store.set("id", { cookie: {} }, note("set"));
    store.get("id", note("get"));
    store.touch("id", { cookie: {} }, note("touch"));
    store.length(note("length"));
    store.all(note("all"));
    store.destroy("id", note("destroy"));
    store.clear(note("clear"));
    await until("all are called", () => calls.length >= 7);
    await wait(20); // a second call would come now
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
    const names = ["all", "clear", "destroy", "get", "length", "set", "touch"];
    expect(calls.toSorted()).toEqual(names);
    expect(thrown.toSorted()).toEqual(names);
  });

  test("needs no callback", async () => {
    const { store } = await open();
    store.set("id", { cookie: {} });
    await until("the session is stored", async () => (await lengthOf(store)) === 1);
    store.touch("id", { cookie: {} });
    store.destroy("id");
    await until("the session is gone", async () => (await lengthOf(store)) === 0);
    store.clear();
    expect(await lengthOf(store)).toBe(0);
  });
});

describe("express-session over a CacheStore in Redis", () => {
  const merged = { place: "Redis", layout: "merged" } as const;
  const whole = { place: "Redis", layout: "connect-redis" } as const;

  test("keeps what 50 requests at once write to different fields", async () => {
    const { browser } = await openStoreStage(merged);
    await browser.post("/login/ann");
    const fields = Array.from({ length: 50 }, (_, index) => `field${index}`);
    await Promise.all(fields.map((field) => browser.post(`/set/${field}/${field}`)));
    const kept = (await browser.get("/fields")).json();
    expect(kept).toEqual({ user: "ann", ...Object.fromEntries(fields.map((f) => [f, f])) });
  });

  test("stores no id, with the layout merged", async () => {
    const server = await startedRedis();
    const { browser } = await openStoreStage(merged, { cache: { location: server.url() } });
    await browser.post("/login/ann");
    const keys = (await server.cli("KEYS", "*")).trim().split("\n");
    const values = await Promise.all(keys.map((key) => server.cli("HGETALL", key)));
    expect(values.join()).toContain("ann");
    expect(`${keys.join()}${values.join()}`).not.toContain(sidOf(browser));
  });

  test.each([
    { setting: merged, commands: 1 },
    { setting: whole, commands: 2 },
  ])(
    "asks for a session with $commands, and stores it with one more: $setting.layout",
    async (given) => {
      const server = await startedRedis();
      const { browser } = await openStoreStage(given.setting, {
        cache: { location: server.url() },
      });
      await browser.post("/login/ann");
      await browser.post("/set/a/0"); // every script is known from then on
      await browser.get("/plain");
      const log = await CommandLog.of(server);
      expect(await log.during(() => browser.get("/plain"))).toHaveLength(given.commands);
      expect(await log.during(() => browser.post("/set/a/1"))).toHaveLength(given.commands + 1);
    },
  );

  test.each([merged, whole])(
    "goes on with a new session where the old one cannot be read, and tells of it: $layout",
    async (setting) => {
      const server = await startedRedis();
      const stage = await openStoreStage(setting, { cache: { location: server.url() } });
      const told: ErrorEvent[] = [];
      stage.cache.on("error", (event) => told.push(event));
      await stage.browser.post("/login/ann");
      await spoil(server);
      expect((await stage.browser.get("/me")).json()).toEqual({ user: null });
      expect((await stage.browser.post("/login/bob")).status).toBe(200);
      expect((await stage.browser.get("/me")).json()).toEqual({ user: "bob" });
      expect(told.length).toBeGreaterThan(0);
    },
  );

  test.each([merged, whole])(
    "gives the error of a Redis that is down to next: $layout",
    async (setting) => {
      const server = await startedRedis();
      const cache = { location: server.url(), commandTimeout: "300ms" };
      const stage = await openStoreStage(setting, { cache });
      await stage.browser.post("/login/ann");
      await server.kill();
      const answer = await stage.browser.get("/me");
      expect(answer.status).toBe(503);
      expect(stage.errors).toMatchObject([{ status: 503 }]);
      stage.store.set("id", { cookie: {} }); // nobody waits for its failure
      await server.restart();
      await until("the sessions are served again", async () => {
        return (await stage.browser.get("/me")).status === 200;
      });
    },
  );

  describe("as connect-redis stores them", () => {
    async function openDefault() {
      const server = await startedRedis();
      const options = { cache: { location: server.url() }, store: { prefix: undefined } };
      return { server, ...(await openStoreStage(whole, options)) };
    }

    test("logs in who has a session of connect-redis", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/set/colour/red");
      const expires = new Date(Date.now() + 60_000).toISOString();
      const cookie = { originalMaxAge: 60_000, expires, httpOnly: true, path: "/" };
      const json = JSON.stringify({ cookie, user: "ann" });
      await server.cli("SET", `sess:${sidOf(browser)}`, json, "EX", "60");
      expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
      await browser.post("/set/colour/blue");
      expect((await browser.get("/fields")).json()).toEqual({ user: "ann", colour: "blue" });
    });

    test("logs in who has one without an end", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/set/colour/red");
      const json = JSON.stringify({ cookie: { path: "/" }, user: "ann" });
      await server.cli("SET", `sess:${sidOf(browser)}`, json);
      expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
    });

    test("writes what connect-redis reads", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/login/ann");
      const key = `sess:${sidOf(browser)}`;
      expect(JSON.parse(await server.cli("GET", key))).toEqual({
        cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: "/" },
        user: "ann",
      });
      const ttl = Number(await server.cli("TTL", key));
      expect(ttl).toBeGreaterThan(86_300);
      expect(ttl).toBeLessThanOrEqual(86_400);
    });

    test("writes the end of a cookie that has one", async () => {
      const server = await startedRedis();
      const { browser } = await openStoreStage(whole, {
        cache: { location: server.url() },
        store: { prefix: undefined },
        session: { cookie: { maxAge: 60_000 } },
      });
      await browser.post("/login/ann");
      const json: unknown = JSON.parse(await server.cli("GET", `sess:${sidOf(browser)}`));
      const { cookie } = json as Stored;
      const leftMs = momentOf(cookie.expires) - Date.now();
      expect(leftMs).toBeGreaterThan(50_000);
      expect(leftMs).toBeLessThanOrEqual(60_000);
      expect(cookie.originalMaxAge).toBeGreaterThan(59_000); // express-session counts from a moment later
    });
  });
});

describe("the package express-session", () => {
  test("has types that a CacheStore fits", { timeout: 60_000 }, async () => {
    expect(await typeErrorsOf(usesStore)).toBe("");
  });

  test("is missed by a CacheStore alone, which says what to install", async () => {
    const { stdout, stderr } = await runProgram(
      `import Module from "node:module";
       const resolve = Module._resolveFilename;
       Module._resolveFilename = function (name, ...rest) {
         if (name === "express-session") throw new Error("Cannot find it");
         return resolve.call(this, name, ...rest);
       };
       const { createCache } = await import("cachewell");
       const { createSessions } = await import("cachewell/sessions");
       const { CacheStore, sessionMiddleware } = await import("cachewell/express");
       const cache = createCache();
       console.log(typeof sessionMiddleware({ sessions: createSessions({ cache }) }));
       try { new CacheStore({ cache }); } catch (error) {
         console.log(error.code, error.message, error.cause.message);
       }`,
    );
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "function",
      expect.stringMatching(/^CONFIGURATION .*npm install express-session\. Cannot find it$/),
      "",
    ]);
  });

  test.each([
    [{}, "cache must be"],
    [{ cache: "redis://" }, "cache must be"],
    [{ client: {} }, '"client"'],
    [{ ttl: null }, "ttl"],
  ])("is given no store with options that cannot be meant: %j", (options, message) => {
    const cache = openCache();
    expect(
      () => new CacheStore({ ...("ttl" in options && { cache }), ...options } as never),
    ).toThrow(message);
  });

  test("hears of events of the store, as of any emitter", async () => {
    const store = new CacheStore({ cache: openCache() });
    const heard = once(store, "disconnect");
    store.emit("disconnect");
    expect(await heard).toEqual([]);
  });
});

const usesStore = `
  import express from "express";
  import session from "express-session";
  import { createCache } from "cachewell";
  import { createSessions } from "cachewell/sessions";
  import { CacheStore, sessionMiddleware } from "cachewell/express";
  declare module "express-session" { interface SessionData { views: number; user?: string } }
  const cache = createCache();
  const store: session.Store = new CacheStore({ cache });
  const app = express();
  app.use(session({ secret: "s", store: new CacheStore({ cache }), resave: false }));
  app.get("/", sessionMiddleware({ sessions: createSessions({ cache }) }), (request, response) => {
    response.json([request.session.views, store.listenerCount("connect")]);
  });
`;

/** Compiles a program in a project that has the built package, and this one's packages. */
async function typeErrorsOf(program: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "cachewell-types-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "node_modules"));
  await symlink(projectRoot, join(folder, "node_modules/cachewell"));
  await symlink(join(projectRoot, "node_modules/@types"), join(folder, "node_modules/@types"));
  await writeFile(join(folder, "program.mts"), program);
  const flags = "--noEmit --strict --exactOptionalPropertyTypes --skipLibCheck --types node";
  const dialect = "--target es2023 --lib esnext --module nodenext";
  const tsc = join(projectRoot, "node_modules/typescript/bin/tsc");
  const args = [tsc, ...flags.split(" "), ...dialect.split(" "), "program.mts"];
  return run(process.execPath, args, { cwd: folder }).then(
    () => "",
    (error: { readonly stdout: string }) => error.stdout,
  );
}

function endOf(setCookie: string): number {
  return Date.parse(/Expires=([^;]+)/.exec(setCookie)?.[1] ?? "");
}

/** Puts something else under each key that a session has. */
async function spoil(server: RedisServer): Promise<void> {
  const keys = (await server.cli("KEYS", "*")).trim().split("\n");
  await Promise.all(keys.map((key) => server.cli("SET", key, "no session")));
}
