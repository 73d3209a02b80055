import { describe, expect, test } from "vitest";
import { CacheStore } from "../../src/adapters/koa/index.ts";
import { ConfigurationError } from "../../src/contracts/errors.ts";
import { CommandLog } from "../support/command-log.ts";
import { freshPrefix } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import {
  browsersOf,
  type KoaSessionHandler,
  koaSessionApp,
  openStore,
  type Parts,
  stores,
} from "./apps/koa-session-app.ts";
import { keyOf } from "./support/koa-session-stage.ts";

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
