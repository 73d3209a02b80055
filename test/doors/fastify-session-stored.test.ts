import { describe, expect, test } from "vitest";
import { CacheStore } from "../../src/adapters/fastify/index.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { openCache } from "../support/open-cache.ts";
import { runProgram } from "../support/program.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { idOf, type Layout, layouts, openStage, read } from "./support/fastify-session-stage.ts";

/** Returns the one key of a server that holds a session. */
async function keyOn(server: RedisServer): Promise<string> {
  const keys = (await server.cli("--scan")).split("\n");
  expect(keys).toHaveLength(1);
  return keys[0] ?? "";
}

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
