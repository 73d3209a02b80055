import { describe, expect, test } from "vitest";
import { sessionBackendOf } from "../../src/sessions/session-backend.ts";
import {
  browsersOf,
  koaSessionApp,
  type OpenedStore,
  openStore,
  type Parts,
  stores,
} from "./apps/koa-session-app.ts";
import { during, keyOf, Pause, paused, pausing } from "./support/koa-session-stage.ts";

describe.each(stores)("CacheStore under koa-session in $place, layout $layout", (where) => {
  async function open(parts: Omit<Parts, "store"> = {}, options = {}) {
    const opened = openStore(where, options);
    const browsers = await browsersOf(koaSessionApp({ ...parts, store: opened.store }));
    return { ...opened, browsers, browser: browsers() };
  }

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
