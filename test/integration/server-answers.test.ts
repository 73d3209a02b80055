import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { ServerRefusedError, WrongTypeError } from "../../src/contracts/errors.ts";
import { createCache } from "../../src/create-cache.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { sessionBackendOf } from "../../src/sessions/session-backend.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { saved } from "../sessions/shop.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";

let server: RedisServer;
let cache: Cache;

beforeAll(async () => {
  server = await startRedisServer({ args: ["--enable-debug-command", "yes"] });
  cache = createCache({ location: server.url(), keyPrefix: "app" });
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
});

afterAll(async () => {
  await cache.close();
  await server.stop();
});

describe("a key of another type", () => {
  beforeEach(async () => {
    await server.cli("RPUSH", "app:1:list", "item");
  });

  test.each([
    ["get", () => cache.get("list")],
    ["get with a default", () => cache.get("list", { default: 1 })],
    ["getOrThrow", () => cache.getOrThrow("list")],
    ["take", () => cache.take("list")],
    ["incr", () => cache.incr("list")],
    ["incr, creating", () => cache.incr("list", 1, { ifMissing: "create" })],
    ["decr", () => cache.decr("list")],
    ["getOrSet", () => cache.getOrSet("list", () => 1)],
    ["memoized", () => cache.memoize(() => 1, { key: () => "list" })()],
  ])("%s is a WrongTypeError that names the key", async (_verb, call) => {
    const { error } = await failureOf(call);
    expect(error).toBeInstanceOf(WrongTypeError);
    expect(error).toMatchObject({ code: "WRONG_TYPE", key: "list" });
    expect((error as Error).message).toContain('"list"');
    expect(await server.cli("LLEN", "app:1:list")).toBe("1");
  });

  test("it is not ignored with ignoreErrors", async () => {
    const lenient = openCache({ location: server.url(), keyPrefix: "app", ignoreErrors: true });
    expect((await failureOf(() => lenient.get("list"))).error).toBeInstanceOf(WrongTypeError);
  });

  test("it is named as a namespace's caller knows it", async () => {
    await server.cli("RPUSH", "app:1:users:list", "item");
    const { error } = await failureOf(() => cache.namespace("users").get("list"));
    expect(error).toMatchObject({ key: "list" });
  });

  test("getMany leaves it out", async () => {
    await cache.set("value", 1);
    expect([...(await cache.getMany(["list", "value"]))]).toEqual([["value", 1]]);
  });

  test("getOrSetMany loads it, and leaves the key as it is", async () => {
    const loaded = await cache.getOrSetMany(["list"], () => [["list", "loaded"]]);
    expect([...loaded]).toEqual([["list", "loaded"]]);
    expect(await server.cli("LLEN", "app:1:list")).toBe("1");
  });

  test("has, lifetimes, versions and delete do not mind", async () => {
    expect(await cache.has("list")).toBe(true);
    expect(await cache.add("list", 1)).toBe(false);
    expect(await cache.expire("list", 60)).toBe(true);
    expect(await cache.ttl("list")).toBe(60);
    expect(await cache.touch("list", null)).toBe(true);
    expect(await cache.incrVersion("list")).toBe(2);
    expect(await cache.delete("list", { version: 2 })).toBe(true);
  });

  test("set replaces it", async () => {
    expect(await cache.set("list", 1)).toBe(true);
    expect(await cache.get("list")).toBe(1);
  });
});

describe("a server out of memory", () => {
  let lenient: Cache;

  beforeEach(async () => {
    await cache.setMany({ value: 1, text: "text" });
    await cache.touch("value", null); // so that every script is known
    await server.limitMemory(1);
    lenient = openCache({ location: server.url(), keyPrefix: "app", ignoreErrors: true });
  });

  afterEach(async () => {
    await server.limitMemory(0);
  });

  test.each([
    ["set", () => cache.set("new", 1)],
    ["set keepTtl", () => cache.set("value", 2, { keepTtl: true })],
    ["add", () => cache.add("new", 1)],
    ["setMany", () => cache.setMany({ new: 1 })],
    ["incr", () => cache.incr("value")],
    ["incr, creating", () => cache.incr("new", 1, { ifMissing: "create" })],
    ["getOrSet", () => cache.getOrSet("new", () => 1)],
    ["getOrSetMany", () => cache.getOrSetMany(["new"], () => [["new", 1]])],
    ["lock", () => cache.lock("new", { ttl: 1 })],
  ])("%s is refused with OOM", async (_verb, call) => {
    const { error } = await failureOf(call);
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ code: "SERVER_REFUSED", reason: "OOM" });
  });

  test.each([
    ["set", () => lenient.set("new", 1), false],
    ["set keepTtl", () => lenient.set("value", 2, { keepTtl: true }), false],
    ["add", () => lenient.add("new", 1), false],
    ["setMany", () => lenient.setMany({ new: 1, other: 2 }), ["new", "other"]],
    ["incr", () => lenient.incr("value"), 0],
    ["getOrSet", () => lenient.getOrSet("new", () => "made"), "made"],
  ])("with ignoreErrors, %s is not done", async (_verb, call, answer) => {
    expect(await call()).toEqual(answer);
  });

  test("with ignoreErrors, a lock is refused all the same", async () => {
    const { error } = await failureOf(() => lenient.lock("new", { ttl: 1 }));
    expect(error).toMatchObject({ reason: "OOM" });
  });

  test("reading, deleting and lifetimes go on", async () => {
    expect(await cache.get("value")).toBe(1);
    expect(await cache.expire("value", 10)).toBe(true);
    expect(await cache.touch("value", null)).toBe(true);
    expect(await cache.delete("value")).toBe(true);
  });

  test("a session can be read, extended, and ended", async () => {
    await server.limitMemory(0);
    const session = await saved(createSessions({ cache, ttl: "1h" }), { user: "ann" });
    await server.limitMemory(1);
    const rolling = createSessions({ cache, ttl: "2h", rolling: true });
    const extended = await rolling.load(session.id);
    expect(await extended.save()).toBe(true);
    expect((await rolling.load(session.id)).remainingMs).toBeGreaterThan(3_700_000);
    await extended.destroy();
    expect((await rolling.load(session.id)).isNew).toBe(true);
  });

  test("a touch that ends a record leaves nothing", async () => {
    const { records } = sessionBackendOf(cache);
    await server.limitMemory(0);
    await records.create("app:record", new Map([["name", "Ann"]]), { ttlMs: 60_000 });
    await server.limitMemory(1);
    expect(await records.touch("app:record", { ttlMs: 0 })).toBe(true);
    expect(await server.cli("EXISTS", "app:record")).toBe("0");
  });
});

describe("a server that forgets its scripts", () => {
  test.each([
    ["counting", () => cache.incr("count", 2, { ifMissing: "create" }), 2],
    ["keepTtl", () => cache.set("kept", 1, { keepTtl: true }), true],
    ["touch for ever", () => cache.touch("nothing", null), false],
    ["a lock", async () => (await cache.lock("door", { ttl: 1 })).release(), true],
  ])("is told them again: %s", async (_use, call, answer) => {
    await server.cli("SCRIPT", "FLUSH");
    expect(await call()).toBe(answer);
    await server.cli("FLUSHALL");
    await server.cli("SCRIPT", "FLUSH");
    expect(await call()).toBe(answer);
  });

  test("counts every one of many calls that meet it at once", async () => {
    await cache.set("count", 0);
    await server.cli("SCRIPT", "FLUSH");
    await Promise.all(Array.from({ length: 100 }, () => cache.incr("count")));
    expect(await cache.get("count")).toBe(100);
  });
});

describe("a server that has renamed a command away", () => {
  test("refuses, and what it says holds no argument", async () => {
    const crippled = await startedRedis({ args: ["--rename-command", "SET", ""] });
    const { error } = await failureOf(() =>
      openCache({ location: crippled.url() }).set("key", "value"),
    );
    expect(error).toBeInstanceOf(ServerRefusedError);
    expect(error).toMatchObject({ reason: "ERR", operation: "SET" });
    expect(((error as Error).cause as Error).message).toBe("ERR unknown command 'SET'");
  });
});
