import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { until } from "../support/until.ts";
import {
  ask,
  lengthOf,
  momentOf,
  openStoreStage,
  type Stored,
  type StoreStage,
  type StoreStageOptions,
  settings,
  sidOf,
} from "./support/express-session-stage.ts";

function storedOf({ store, browser }: StoreStage): Promise<Stored | null> {
  return ask<Stored | null>((callback) => store.get(sidOf(browser), callback));
}

describe.each(settings)("express-session over a CacheStore in $place, $layout", (setting) => {
  const open = (options?: StoreStageOptions): Promise<StoreStage> =>
    openStoreStage(setting, options);

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
});

function endOf(setCookie: string): number {
  return Date.parse(/Expires=([^;]+)/.exec(setCookie)?.[1] ?? "");
}
