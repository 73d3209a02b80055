import { describe, expect, test } from "vitest";
import { CacheStore } from "../../src/adapters/koa/index.ts";
import { ConfigurationError } from "../../src/contracts/errors.ts";
import type { Serializer } from "../../src/contracts/serializer.ts";
import { sessionBackendOf } from "../../src/contracts/session-backend.ts";
import { CommandLog } from "../support/command-log.ts";
import { freshPrefix } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import {
  browsersOf,
  type Context,
  type KoaSessionContext,
  type KoaSessionHandler,
  koaSessionApp,
  type OpenedStore,
  openStore,
  type Parts,
  stores,
} from "./apps/koa-session-app.ts";
import type { Answer, Browser } from "./support/browser.ts";

/** By how much koa-session has sessions stored for longer than they live. */
const padMs = 10_000;

/** Lets a test do something while requests are under way. */
class Pause {
  #missing: number;
  #reach: () => void = () => undefined;
  #end: () => void = () => undefined;
  readonly reached = new Promise<void>((resolve) => (this.#reach = resolve));
  readonly #ended = new Promise<void>((resolve) => (this.#end = resolve));

  /** It is reached when so many requests have come to it. */
  constructor(requests = 1) {
    this.#missing = requests;
  }

  /** To be called by the requests. */
  async here(): Promise<void> {
    if (--this.#missing === 0) this.#reach();
    await this.#ended;
  }

  end(): void {
    this.#end();
  }
}

/** Has a request with the header `pause` wait between reading its session and doing what it does. */
function pausing(pause: Pause): KoaSessionHandler {
  return async (ctx, next) => {
    if (ctx.get("pause") !== "") await pause.here();
    await next();
  };
}

/** Sends a request, and others while it is under way. Returns the answer to the first. */
async function during(
  pause: Pause,
  request: Promise<Answer>,
  others: () => Promise<unknown>,
): Promise<Answer> {
  await pause.reached;
  await others();
  pause.end();
  return request;
}

const paused = { headers: { pause: "yes" } };

function keyOf(browser: Browser): string {
  return browser.jar.valueOf("koa.sess") ?? "";
}

describe.each(stores)("CacheStore under koa-session in $place, layout $layout", (where) => {
  async function open(parts: Omit<Parts, "store"> = {}, options = {}) {
    const opened = openStore(where, options);
    const browsers = await browsersOf(koaSessionApp({ ...parts, store: opened.store }));
    return { ...opened, browsers, browser: browsers() };
  }

  test("keeps what a visitor's requests put in", async () => {
    const { browser, browsers } = await open();
    await browser.post("/set/colour/red");
    await browser.post("/set/size/large");
    expect((await browser.get("/")).json()).toEqual({ colour: "red", size: "large" });
    expect((await browsers().get("/")).json()).toEqual({});
  });

  test("stores nothing for a visitor who puts nothing in", async () => {
    const { browser, count } = await open();
    expect((await browser.get("/")).setCookies).toEqual([]);
    expect(await count()).toBe(0);
  });

  test("forgets what ctx.session = null ends", async () => {
    const { browser, browsers, count } = await open();
    await browser.post("/set/colour/red");
    const stale = keyOf(browser);
    await browser.post("/logout");
    expect(keyOf(browser)).toBe("");
    expect(await count()).toBe(0);
    const cookie = `koa.sess=${stale}`;
    expect((await browsers().get("/", { headers: { cookie } })).json()).toEqual({});
  });

  test("moves to a new key with regenerate(), and the old one is dead", async () => {
    const { browser, count, store } = await open();
    await browser.post("/set/colour/red");
    const old = keyOf(browser);
    expect((await browser.post("/regenerate")).json()).toEqual({ colour: "red" });
    expect(keyOf(browser)).not.toBe(old);
    expect(await store.get(old)).toBeUndefined();
    expect((await browser.get("/")).json()).toEqual({ colour: "red" });
    expect(await count()).toBe(1);
  });

  test("drops the fields that a new ctx.session has not", async () => {
    const { browser } = await open({
      handler: (ctx, next) => {
        if (ctx.path === "/replace") Object.assign(ctx, { session: { size: "large" } });
        return next();
      },
    });
    await browser.post("/set/colour/red");
    await browser.post("/replace");
    expect((await browser.get("/")).json()).toEqual({ size: "large" });
  });

  test("finds changes inside of a value", async () => {
    const handler: KoaSessionHandler = (ctx, next) => {
      const cart = (ctx.session?.["cart"] ?? []) as string[];
      if (ctx.path === "/push") Object.assign(ctx.session ?? {}, { cart });
      cart.push("tea");
      return next();
    };
    const { browser } = await open({ handler });
    await browser.post("/push");
    await browser.post("/");
    expect((await browser.post("/")).json()).toEqual({ cart: ["tea", "tea", "tea"] });
  });

  test("stores what save() is told, and what is done after it", async () => {
    const { browser } = await open({
      handler: async (ctx, next) => {
        if (ctx.path !== "/set/size/large") return next();
        Object.assign(ctx.session ?? {}, { colour: "red" });
        await ctx.session?.save();
        await next();
      },
    });
    await browser.post("/set/shape/round");
    await browser.post("/set/size/large");
    expect((await browser.get("/")).json()).toEqual({
      colour: "red",
      shape: "round",
      size: "large",
    });
  });

  test("ends a session when koa-session says so", async () => {
    const { browser, pass, store } = await open({ options: { maxAge: 250, signed: false } });
    const [cookie = ""] = (await browser.post("/set/colour/red")).setCookies;
    const headers = { cookie: cookie.split(";", 1)[0] ?? "" };
    expect((await browser.get("/", { headers })).json()).toEqual({ colour: "red" });
    await pass(300);
    expect((await browser.get("/", { headers })).json()).toEqual({});
    const key = headers.cookie.replace("koa.sess=", "");
    expect(await store.get(key)).toMatchObject({ colour: "red" }); // of which koa-session tells
  });

  test("tells koa-session the end of a session, to the pad", async () => {
    const { browser, pass, store } = await open({ options: { maxAge: 60_000 } });
    await browser.post("/set/colour/red");
    await pass(200);
    const session = await store.get(keyOf(browser));
    expect(session).toEqual({ colour: "red", _maxAge: 60_000, _expire: expect.any(Number) });
    const leftMs = Number(session?.["_expire"]) - Date.now();
    expect(leftMs).toBeLessThanOrEqual(60_000 - 200 + 20); // clocks of two processes, and rounding
    expect(leftMs).toBeGreaterThan(50_000);
  });

  test("extends the life of a rolling session, and sends its cookie again", async () => {
    const options = { rolling: true, maxAge: 10_000 };
    const { browser, pass, store } = await open({ options });
    await browser.post("/set/colour/red");
    await pass(1_000);
    const answer = await browser.get("/");
    expect(answer.setCookies).toHaveLength(2); // and its signature
    expect(answer.json()).toEqual({ colour: "red" });
    expect(leftMsOf(await store.get(keyOf(browser)))).toBeGreaterThan(9_200);
  });

  test("keeps a rolling session's end with disableTouch", async () => {
    const options = { rolling: true, maxAge: 10_000 };
    const { browser, pass, store } = await open({ options }, { disableTouch: true });
    await browser.post("/set/colour/red");
    await pass(1_000);
    expect((await browser.get("/")).setCookies).toHaveLength(2);
    expect(leftMsOf(await store.get(keyOf(browser)))).toBeLessThan(9_100);
  });

  test("renews a session that is past the middle of its life", async () => {
    const { browser, pass, store } = await open({ options: { renew: true, maxAge: 4_000 } });
    await browser.post("/set/colour/red");
    expect((await browser.get("/")).setCookies).toEqual([]);
    await pass(2_100);
    expect((await browser.get("/")).setCookies).toHaveLength(2);
    expect(leftMsOf(await store.get(keyOf(browser)))).toBeGreaterThan(3_000);
  });

  test("takes ttl for a session that ends with the browser", async () => {
    const { browser, pass, store } = await open({ options: { maxAge: "session" } }, { ttl: "1s" });
    const [cookie] = (await browser.post("/set/colour/red")).setCookies;
    expect(cookie).not.toContain("expires");
    expect(await store.get(keyOf(browser))).toEqual({ colour: "red", _session: true });
    expect((await browser.get("/")).json()).toEqual({ colour: "red" });
    await pass(1_050);
    expect(await store.get(keyOf(browser))).toBeUndefined();
  });

  test("asks ttl of the session where it is a function", async () => {
    const ttl = (session: object): string => ("colour" in session ? "1s" : "1h");
    const { store, pass } = await open({}, { ttl });
    await store.set("short", { colour: "red" }, "session");
    await store.set("long", { size: "large" });
    await pass(1_050);
    expect(await store.get("short")).toBeUndefined();
    expect(await store.get("long")).toEqual({ size: "large" });
  });

  test("follows ctx.session.maxAge", async () => {
    const { browser, store } = await open({
      handler: (ctx, next) => {
        if (ctx.path === "/longer" && ctx.session) ctx.session.maxAge = 3_600_000;
        return next();
      },
    });
    await browser.post("/set/colour/red");
    await browser.post("/longer");
    expect(await store.get(keyOf(browser))).toMatchObject({ _maxAge: 3_600_000 });
    expect(leftMsOf(await store.get(keyOf(browser)))).toBeLessThanOrEqual(3_600_000);
  });

  test("is found by a key that travels in a header", async () => {
    const { browser } = await open({
      options: {
        externalKey: {
          get: (ctx) => ctx.get("x-session"),
          set: (ctx, key) => ctx.set("x-session", key),
        },
      },
    });
    const first = await browser.post("/set/colour/red");
    expect(first.setCookies).toEqual([]);
    const headers = { "x-session": String(first.headers["x-session"]) };
    await browser.post("/set/size/large", { headers });
    expect((await browser.get("/", { headers })).json()).toEqual({ colour: "red", size: "large" });
  });

  test("serves a ContextStore, which koa-session makes for each request", async () => {
    const opened = openStore(where);
    const others = openStore(where);
    class TenantStore {
      readonly #store: CacheStore;

      constructor(ctx: Context) {
        this.#store = ctx.get("tenant") === "other" ? others.store : opened.store;
      }

      get(...of: Parameters<CacheStore["get"]>) {
        return this.#store.get(...of);
      }

      set(...of: Parameters<CacheStore["set"]>) {
        return this.#store.set(...of);
      }

      destroy(...of: Parameters<CacheStore["destroy"]>) {
        return this.#store.destroy(...of);
      }
    }
    const app = koaSessionApp({ store: opened.store, options: { ContextStore: TenantStore } });
    const browser = (await browsersOf(app))();
    await browser.post("/set/colour/red");
    expect((await browser.post("/set/size/large")).json()).toEqual({
      colour: "red",
      size: "large",
    });
    expect((await browser.get("/", { headers: { tenant: "other" } })).json()).toEqual({});
  });

  test("answers 400 to a change of a session that ended meanwhile, and stores nothing", async () => {
    const pause = new Pause();
    const { browser, browsers, count } = await open({ handler: pausing(pause) });
    await browser.post("/set/colour/red");
    const late = browser.post("/set/colour/blue", paused);
    const answer = await during(pause, late, () => browsers(browser).post("/logout"));
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    expect(await count()).toBe(0);
  });

  test("answers 400 to regenerate() of a session that ended meanwhile, and stores nothing", async () => {
    const pause = new Pause();
    const { browser, browsers, count } = await open({ handler: pausing(pause) });
    await browser.post("/set/colour/red");
    const late = browser.post("/regenerate", paused);
    const answer = await during(pause, late, () => browsers(browser).post("/logout"));
    expect(answer.status).toBe(400);
    expect(answer.setCookies).toEqual([]);
    expect(await count()).toBe(0);
  });

  test("ends a session twice without a word", async () => {
    const pause = new Pause();
    const { browser, browsers, count } = await open({ handler: pausing(pause) });
    await browser.post("/set/colour/red");
    const late = browser.post("/logout", paused);
    const answer = await during(pause, late, () => browsers(browser).post("/logout"));
    expect(answer.status).toBe(200);
    expect(await count()).toBe(0);
  });

  test("does not undo others' changes for a rolling session that a request leaves as it was", async () => {
    const pause = new Pause();
    const options = { rolling: true };
    const { browser, browsers, pass } = await open({ options, handler: pausing(pause) });
    await browser.post("/set/colour/red");
    await pass(5);
    const late = browser.get("/", paused);
    const answer = await during(pause, late, () => browsers(browser).post("/set/colour/blue"));
    expect(answer.status).toBe(200);
    expect((await browser.get("/")).json()).toEqual({ colour: "blue" });
  });

  test("brings no rolling session back that ended while a request left it as it was", async () => {
    const pause = new Pause();
    const options = { rolling: true, maxAge: 10_000 };
    const { browser, browsers, count, pass } = await open({ options, handler: pausing(pause) });
    await browser.post("/set/colour/red");
    await pass(300); // more than a thousandth of the life: it is extended
    const late = browser.get("/", paused);
    const answer = await during(pause, late, () => browsers(browser).post("/logout"));
    expect(answer.status).toBe(200);
    expect(await count()).toBe(0);
  });

  test("takes a session that cannot be read for none", async () => {
    const { browser, cache, prefix } = await open();
    await browser.post("/set/colour/red");
    await spoil(where.layout, { cache, prefix, key: keyOf(browser) });
    expect((await browser.get("/")).json()).toEqual({});
    expect((await browser.post("/set/size/large")).status).toBe(200);
    expect((await browser.get("/")).json()).toEqual({ size: "large" });
  });

  test("keeps no functions, and nothing that would become a prototype", async () => {
    const { store } = openStore(where);
    const own: object = JSON.parse('{ "__proto__": { "admin": true }, "colour": "red" }');
    await store.set("key", { ...own, paint: () => "red", none: undefined }, 60_000);
    const read = (await store.get("key")) ?? {};
    expect(Object.entries(read)).toEqual([["colour", "red"]]);
    expect("admin" in read).toBe(false);
  });

  test("lets a request begin anew under the key that it ended", async () => {
    const { store } = openStore(where);
    const ctx = {};
    await store.set("key", { colour: "red" }, 60_000);
    await store.get("key", 60_000, { ctx });
    await store.destroy("key", { ctx });
    await store.set("key", { size: "large" }, 60_000, { ctx });
    expect(await store.get("key")).toEqual({ size: "large" });
  });

  test("does not store a new session again that ended since its request stored it", async () => {
    const { store } = openStore(where);
    const ctx = {};
    await store.set("key", { colour: "red" }, 60_000, { ctx });
    await store.destroy("key", { ctx: {} });
    const again = store.set("key", { colour: "blue" }, 60_000, { ctx });
    await expect(again).rejects.toMatchObject({ code: "SESSION_INTERRUPTED", status: 400 });
    expect(await store.get("key")).toBeUndefined();
  });

  test("stores over whatever there is where it is not told for whom", async () => {
    const { store } = openStore(where);
    await store.set("key", { colour: "red" }, 60_000, {});
    await store.get("key", 60_000, {});
    await store.destroy("key", {});
    await store.set("key", { size: "large" }, 60_000);
    expect(await store.get("key")).toEqual({ size: "large" });
  });
});

test.each(["memory", "Redis"] as const)(
  "50 requests side by side keep each other's fields in %s",
  async (place) => {
    const fields = Array.from({ length: 50 }, (_, index) => `field${index}`);
    const pause = new Pause(fields.length);
    const { store } = openStore({ place, layout: "merged" });
    const browser = (await browsersOf(koaSessionApp({ store, handler: pausing(pause) })))();
    await browser.post("/set/colour/red");
    const writes = fields.map((field) => browser.post(`/set/${field}/done`, paused));
    await pause.reached;
    pause.end();
    const answers = await Promise.all(writes);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const done = Object.fromEntries(fields.map((field) => [field, "done"]));
    expect((await browser.get("/")).json()).toEqual({ colour: "red", ...done });
  },
);

test("a value that a serializer of the user's makes, and nobody can copy, is a value", async () => {
  const serializer: Serializer = {
    name: "of-this-test",
    encode: (value) => JSON.stringify(value),
    decode: (bytes) => ({ text: Buffer.from(bytes).toString(), toString: () => "made" }),
  };
  const store = new CacheStore({ cache: openCache({ serializer }) });
  const ctx = {};
  await store.set("key", { colour: "red" }, 60_000, { ctx });
  expect(String((await store.get("key", 60_000, { ctx }))?.["colour"])).toBe("made");
});

test("with the merged layout the stored key tells no id, and what is stored does not move", async () => {
  const redis = await startedRedis();
  const store = new CacheStore({ cache: openCache({ location: redis.url() }) });
  const browser = (await browsersOf(koaSessionApp({ store })))();
  await browser.post("/set/colour/red");
  const key = await redis.cli("KEYS", "*");
  expect(key).toMatch(/sess:[0-9a-f]{64}$/);
  expect(key).not.toContain(keyOf(browser));
  const fields = (await redis.cli("HKEYS", key))
    .split("\n")
    .filter((name) => name.startsWith("data:"));
  expect(fields.toSorted()).toEqual(["data:_maxAge", "data:colour"]);
});

test("stores no field that would become a prototype", async () => {
  const redis = await startedRedis();
  const store = new CacheStore({ cache: openCache({ location: redis.url() }) });
  await store.set("key", JSON.parse('{ "__proto__": { "admin": true }, "colour": "red" }'));
  const fields = await redis.cli("HKEYS", await redis.cli("KEYS", "*"));
  expect(fields).toContain("data:colour");
  expect(fields).not.toContain("__proto__");
});

test("with connect-redis's layout it reads and writes what other stores do: JSON under prefix and key", async () => {
  const redis = await startedRedis();
  const cache = openCache({ location: redis.url() });
  const store = new CacheStore({ cache, layout: "connect-redis", prefix: "koa:sess:" });
  const app = koaSessionApp({ store, options: { maxAge: 60_000, signed: false } });
  const browser = (await browsersOf(app))();
  const stored = { colour: "red", _expire: Date.now() + 60_000, _maxAge: 60_000 };
  await redis.cli("SET", "koa:sess:living", JSON.stringify(stored), "PX", String(60_000 + padMs));
  const headers = { cookie: "koa.sess=living" };
  expect((await browser.get("/", { headers })).json()).toEqual({ colour: "red" });
  await browser.post("/set/size/large", { headers });
  const now: unknown = JSON.parse(await redis.cli("GET", "koa:sess:living"));
  expect(now).toEqual({ ...stored, size: "large", _expire: expect.any(Number) });
  expect(Number(await redis.cli("PTTL", "koa:sess:living"))).toBeGreaterThan(60_000);
});

test("with connect-redis's layout a foreign __proto__ gives a session nothing", async () => {
  const redis = await startedRedis();
  const cache = openCache({ location: redis.url() });
  const store = new CacheStore({ cache, layout: "connect-redis", prefix: "koa:" });
  let isAdmin: unknown = "never asked";
  const handler = (ctx: KoaSessionContext): void => void (isAdmin = ctx.session?.["admin"]);
  const app = koaSessionApp({ store, handler, options: { signed: false } });
  await redis.cli("SET", "koa:key", '{ "colour": "red", "__proto__": { "admin": true } }');
  await (await browsersOf(app))().get("/", { headers: { cookie: "koa.sess=key" } });
  expect(isAdmin).toBeUndefined();
});

describe("the round trips of CacheStore", () => {
  async function watched(layout: "merged" | "connect-redis") {
    const redis = await startedRedis();
    const store = new CacheStore({ cache: openCache({ location: redis.url() }), layout });
    const browser = (await browsersOf(koaSessionApp({ store })))();
    for (const path of ["/set/colour/red", "/set/colour/blue", "/logout", "/set/colour/red"]) {
      await browser.post(path); // connects, and loads the scripts
    }
    return { browser, commands: await CommandLog.of(redis) };
  }

  test("are one for a request that leaves its session as it was, and two for one that changes it", async () => {
    const { browser, commands } = await watched("merged");
    expect(await commands.during(() => browser.get("/"))).toHaveLength(1);
    expect(await commands.during(() => browser.post("/set/colour/green"))).toHaveLength(2);
    expect(await commands.during(() => browser.post("/regenerate"))).toHaveLength(3);
    expect(await commands.during(() => browser.post("/logout"))).toHaveLength(2);
    expect(await commands.during(() => browser.get("/"))).toEqual([]);
  });

  test("have one command more with connect-redis's layout, which does not hold the end", async () => {
    const { browser, commands } = await watched("connect-redis");
    expect(await commands.during(() => browser.get("/"))).toEqual(["get", "pttl"]);
    const changing = await commands.during(() => browser.post("/set/colour/green"));
    expect(changing).toEqual(["get", "pttl", "set"]);
  });
});

describe("CacheStore without its Redis", () => {
  test.each(["freeze", "kill"] as const)("answers 503 in time, after a %s", async (how) => {
    const redis = await startedRedis();
    const cache = openCache({ location: redis.url(), commandTimeout: "200ms" });
    const browsers = await browsersOf(koaSessionApp({ store: new CacheStore({ cache }) }));
    const browser = browsers();
    await browser.post("/set/colour/red");
    if (how === "freeze") redis.freeze();
    else await redis.kill();
    const startedMs = performance.now();
    expect((await browser.get("/")).status).toBe(503);
    expect((await browsers().post("/set/colour/red")).status).toBe(503);
    expect(performance.now() - startedMs).toBeLessThan(2_500);
  });

  test("serves again once it is back", async () => {
    const redis = await startedRedis();
    const cache = openCache({ location: redis.url(), commandTimeout: "200ms" });
    const browser = (await browsersOf(koaSessionApp({ store: new CacheStore({ cache }) })))();
    await browser.post("/set/colour/red");
    redis.freeze();
    expect((await browser.get("/")).status).toBe(503);
    redis.thaw();
    await until("it serves", async () => (await browser.get("/")).status === 200);
    expect((await browser.get("/")).json()).toEqual({ colour: "red" });
  });
});

test("CacheStore needs options that are known", () => {
  const cache = openCache();
  expect(() => new CacheStore({ cache, client: {} } as never)).toThrow(ConfigurationError);
  expect(() => new CacheStore({} as never)).toThrow(TypeError);
  expect(() => new CacheStore({ cache, ttl: null })).toThrow(TypeError);
  expect(() => new CacheStore({ cache, prefix: freshPrefix(), layout: "flat" as never })).toThrow(
    TypeError,
  );
});

function leftMsOf(session: Readonly<Record<string, unknown>> | undefined): number {
  return Number(session?.["_expire"]) - Date.now();
}

interface Spoiled extends Pick<OpenedStore, "cache" | "prefix"> {
  readonly key: string;
}

/** Writes over a session what no session can hold. */
async function spoil(layout: string, { cache, prefix, key }: Spoiled): Promise<void> {
  const access = sessionBackendOf(cache);
  const lifetime = { ttlMs: 60_000 };
  if (layout === "connect-redis") {
    await access.store.set(prefix + key, "{ no JSON", { lifetime });
    return;
  }
  const set = new Map([["data:colour", "{ no JSON"]]);
  for await (const keys of access.records.keys(access.key(prefix), { count: 100 })) {
    for (const stored of keys) await access.records.update(stored, { set, remove: [] }, lifetime);
  }
}
