import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { Browser } from "./support/browser.ts";
import {
  ask,
  lengthOf,
  openStoreStage,
  type Stored,
  type StoreStage,
  type StoreStageOptions,
  settings,
  sidOf,
} from "./support/express-session-stage.ts";

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
});

describe.each(settings)("express-session over a CacheStore in $place, $layout", (setting) => {
  const open = (options?: StoreStageOptions): Promise<StoreStage> =>
    openStoreStage(setting, options);

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
});
