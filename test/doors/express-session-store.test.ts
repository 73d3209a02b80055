import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { CacheStore } from "../../src/adapters/express/index.ts";
import { until } from "../support/until.ts";
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
