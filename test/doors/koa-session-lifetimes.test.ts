import { describe, expect, test } from "vitest";
import type { CacheStore } from "../../src/adapters/koa/index.ts";
import {
  browsersOf,
  type Context,
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
});

function leftMsOf(session: Readonly<Record<string, unknown>> | undefined): number {
  return Number(session?.["_expire"]) - Date.now();
}
