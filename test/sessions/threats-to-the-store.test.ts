import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { everythingIn, keysOf, openShop, type Shop, saved } from "./shop.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
});

afterAll(() => server.stop());

/** Fields that take whoever copies them carelessly to another prototype. */
const poisonous: Readonly<Record<string, unknown>> = JSON.parse(
  '{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},' +
    '"value":{"__proto__":{"isAdmin":true}},"list":[{"__proto__":{"isAdmin":true}}]}',
);

describe("a key prefix with glob characters", () => {
  const prefix = "a[b]*?\\";
  /** Prefixes that a careless pattern of that prefix would meet. */
  const neighbours = ["ab", "abx", "a[b]", "a[b]*?", "ab*?", "abcd\\", "a[b]xy\\", "a"];

  test.each([
    ["of the sessions", (text: string) => openShop(server, { sessions: { keyPrefix: text } })],
    ["of the cache", (text: string) => openShop(server, { cache: { keyPrefix: text } })],
  ])("%s: list, destroyAll and clear meet its own sessions alone", async (_, open) => {
    const shops = [prefix, ...neighbours].map(open);
    const made = await Promise.all(shops.map(({ sessions }) => saved(sessions, { userId: 42 })));
    const handlesOf = async ({ sessions }: Shop): Promise<unknown> =>
      (await sessions.list({ userId: 42 })).map(({ handle }) => handle);
    for (const [at, shop] of shops.entries()) {
      expect(await handlesOf(shop)).toEqual([made[at]?.handle]);
      await shop.cache.clear();
    }
    expect(await shops[0]?.sessions.destroyAll({ userId: 42 })).toBe(1);
    for (const [at, shop] of shops.entries()) {
      expect(await handlesOf(shop)).toEqual(at === 0 ? [] : [made[at]?.handle]);
    }
  });
});

describe("an oversized session", () => {
  test("is refused, takes no room, and leaves what was stored", async () => {
    const { sessions } = openShop(server);
    const session = await sessions.load(undefined);
    session.set("userId", 42).set("big", "x".repeat(65_537));
    await expect(session.save()).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
    await expect(session.regenerate()).rejects.toMatchObject({ code: "VALUE_TOO_LARGE" });
    expect(await server.cli("DBSIZE")).toBe("0");
    session.delete("big");
    await session.save();
    const before = await everythingIn(server);
    await expect(session.set("big", "x".repeat(65_537)).save()).rejects.toThrow("maxBytes");
    expect(await everythingIn(server)).toBe(before);
  });
});

describe("an undecodable session", () => {
  test.each([
    ["bytes", "\\xff\\xfe"],
    ["half a JSON text", '{"a":'],
    ["a pickle", "\u0080\u0004K\u0001."],
    ["control characters", "\u0001\u0002\u0003"],
  ])("of %s is an anonymous visitor, an error event, and no exception", async (_, bytes) => {
    const { cache, sessions } = openShop(server);
    const session = await saved(sessions, { name: "Ann" });
    const [key = ""] = await keysOf(server);
    await server.cli("HSET", key, "data:name", bytes);
    const told: string[] = [];
    cache.on("error", ({ operation }) => told.push(operation));
    const found = await sessions.load(session.id);
    expect([found.isNew, found.isEmpty, found.detached]).toEqual([true, true, false]);
    expect(told).toEqual(["sessions.load"]);
    await found.set("name", "Bob").save();
    expect(found.id).not.toBe(session.id);
  });
});

describe("prototype keys", () => {
  test("fields called like an object's own parts are fields, and pollute nothing", async () => {
    const { sessions } = openShop(server);
    const session = await saved(sessions, poisonous);
    const found = await sessions.load(session.id);
    expect(JSON.stringify(Object.fromEntries(found.entries().map(([k, v]) => [`~${k}`, v])))).toBe(
      JSON.stringify(Object.fromEntries(Object.entries(poisonous).map(([k, v]) => [`~${k}`, v]))),
    );
    found.update(poisonous).set("more", structuredClone(poisonous["list"]));
    await found.save();
    await found.regenerate();
    const [summary] = await sessions.list({ userId: "constructor" });
    expect(summary).toBeUndefined();
    expect(Reflect.get({}, "isAdmin")).toBeUndefined();
    expect(Reflect.get([], "isAdmin")).toBeUndefined();
    expect(Reflect.get(Object(found.get("value")) as object, "isAdmin")).toBeUndefined();
  });

  test("an absent field of such a name is absent", async () => {
    const { sessions } = openShop(server);
    const session = await sessions.load((await saved(sessions, { a: 1 })).id);
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
      expect([session.get(name), session.has(name)]).toEqual([undefined, false]);
    }
  });

  test("users of such names are users like any other", async () => {
    const { sessions } = openShop(server);
    for (const userId of ["__proto__", "constructor"]) {
      const { handle } = await saved(sessions, { userId });
      expect((await sessions.list({ userId })).map((summary) => summary.handle)).toEqual([handle]);
      expect(await sessions.destroyAll({ userId })).toBe(1);
    }
  });
});
