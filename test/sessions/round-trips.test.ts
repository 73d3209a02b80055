import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { Sessions, SessionsOptions } from "../../src/contracts/sessions.ts";
import { createCache } from "../../src/create-cache.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { sessionBackendOf } from "../../src/sessions/session-backend.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { cacheWithBackend } from "./cache-with-backend.ts";
import { saved } from "./shop.ts";

let server: RedisServer;
let cache: Cache;

/** Every script of sessions has been run once: a server that knows them is asked by their digest. */
beforeAll(async () => {
  server = await startRedisServer();
  cache = createCache({ location: server.url(), commandTimeout: "5s" });
  const sessions = sessionsWith();
  const session = await saved(sessions, { userId: 1 });
  await (await sessions.load(session.id)).set("a", 1).save();
  const rolling = sessionsWith({ ttl: "28d", rolling: true });
  await (await rolling.load((await saved(sessions, { a: 1 })).id)).save();
  await session.regenerate();
  await session.destroy();
});

afterAll(async () => {
  await cache.close();
  await server.stop();
});

function sessionsWith(options: Omit<SessionsOptions, "cache"> = {}): Sessions {
  return createSessions({ ...options, cache });
}

/** Returns the same cache to sessions, with a clock that is ahead of the server's. */
function aheadBy(ms: number): Cache {
  const clock = { now: (): number => Date.now() + ms };
  return cacheWithBackend({ ...sessionBackendOf(cache), clock });
}

/**
 * Returns what clients ask the server for during `act`: commands by name, sorted. A session is read by a
 * script where the server's clock has to be asked for, too.
 */
async function askedBy(act: () => Promise<unknown>): Promise<readonly string[]> {
  const log = await CommandLog.of(server);
  const names = await log.during(act);
  const isOfRecords = (name: string): boolean => name === "evalsha" || name === "hgetall";
  return names.map((name) => (isOfRecords(name) ? "of a record" : name)).toSorted();
}

const records = (times: number): readonly string[] =>
  Array.from({ length: times }, () => "of a record");

describe("a request costs", () => {
  test.each([
    ["an absent id", undefined],
    ["a malformed id", "abc"],
    ["a hostile id", "*".repeat(46)],
  ])("nothing for %s, and nothing for its empty session", async (_, id) => {
    const calls = await askedBy(async () => {
      const session = await sessionsWith().load(id);
      session.get("name");
      await session.save();
    });
    expect(calls).toEqual([]);
  });

  test("one command for an id that nobody has", async () => {
    const calls = await askedBy(async () => (await sessionsWith().load("A".repeat(46))).save());
    expect(calls).toEqual(records(1));
  });

  test("one command for a session that it leaves as it is", async () => {
    const sessions = sessionsWith();
    const { id } = await saved(sessions, { cart: ["fig"], userId: 42 });
    const calls = await askedBy(async () => {
      const session = await sessions.load(id);
      expect(session.get("cart")).toEqual(["fig"]);
      expect(await session.save()).toBe(false);
    });
    expect(calls).toEqual(records(1));
  });

  test("one command for a rolling session that ends at a date, though the clocks differ", async () => {
    const sessions = createSessions({ cache: aheadBy(1_000), rolling: true });
    const fresh = await sessions.load(undefined);
    fresh.set("a", 1).setExpiry(new Date(Date.now() + 3_600_000));
    await fresh.save();
    const calls = await askedBy(async () => (await sessions.load(fresh.id)).save());
    expect(calls).toEqual(records(1));
  });

  test("two commands for a session that it changes, however much", async () => {
    const sessions = sessionsWith();
    const { id } = await saved(sessions, { cart: ["fig"], old: 1, userId: 42 });
    const calls = await askedBy(async () => {
      const session = await sessions.load(id);
      session.get<string[]>("cart", []).push("pear");
      session.update({ a: 1, b: 2 }).delete("old");
      session.setExpiry("1h");
      await session.save();
    });
    expect(calls).toEqual(records(2));
  });

  test("one command for a new session", async () => {
    expect(await askedBy(() => saved(sessionsWith(), { a: 1, b: { c: 2 } }))).toEqual(records(1));
  });

  test("no command more for a second save", async () => {
    const calls = await askedBy(async () => {
      const session = await saved(sessionsWith(), { a: [1] });
      await session.save();
      await session.save();
    });
    expect(calls).toEqual(records(1));
  });

  test("one command for a rolling session, while a thousandth of its life has not passed", async () => {
    const rolling = sessionsWith({ ttl: "14d", rolling: true });
    const { id } = await saved(rolling, { a: 1, userId: 42 });
    const calls = await askedBy(async () => {
      expect(await (await rolling.load(id)).save()).toBe(false);
    });
    expect(calls).toEqual(records(1));
  });

  test("two commands for a rolling session after that", async () => {
    const { id } = await saved(sessionsWith({ ttl: "13d" }), { a: 1 });
    const rolling = sessionsWith({ ttl: "14d", rolling: true });
    const calls = await askedBy(async () => {
      expect(await (await rolling.load(id)).save()).toBe(true);
    });
    expect(calls).toEqual(records(2));
  });

  test("two commands for a user's rolling session too, while its place among them lasts", async () => {
    const { id } = await saved(sessionsWith({ ttl: "13d" }), { userId: 42 });
    const rolling = sessionsWith({ ttl: "14d", rolling: true });
    const calls = await askedBy(async () => {
      expect(await (await rolling.load(id)).save()).toBe(true);
    });
    expect(calls).toEqual(records(2));
  });

  test("three commands where that place has to be renewed", async () => {
    const { id } = await saved(sessionsWith({ ttl: "1d" }), { userId: 42 });
    const rolling = sessionsWith({ ttl: "14d", rolling: true });
    const calls = await askedBy(async () => {
      expect(await (await rolling.load(id)).save()).toBe(true);
    });
    expect(calls).toEqual(records(3));
  });

  test("two commands for a login that begins a session", async () => {
    expect(await askedBy(() => saved(sessionsWith(), { userId: 42 }))).toEqual(records(2));
  });

  test("three commands for a login that gives an anonymous session a new id", async () => {
    const sessions = sessionsWith();
    const { id } = await saved(sessions, { cart: [] });
    const calls = await askedBy(async () => {
      await (await sessions.load(id)).set("userId", 42).regenerate();
    });
    expect(calls).toEqual(records(3));
  });

  test("two commands for a new id, four for a user's", async () => {
    const sessions = sessionsWith();
    const [nobodys, users] = [
      await saved(sessions, { a: 1 }),
      await saved(sessions, { userId: 42 }),
    ];
    expect(await askedBy(async () => (await sessions.load(nobodys.id)).regenerate())).toEqual(
      records(2),
    );
    expect(await askedBy(async () => (await sessions.load(users.id)).regenerate())).toEqual([
      ...records(3),
      "zrem",
    ]);
  });

  test("three commands for a user that changes", async () => {
    const sessions = sessionsWith();
    const { id } = await saved(sessions, { userId: 42 });
    const calls = await askedBy(async () => {
      await (await sessions.load(id)).set("userId", 43).save();
    });
    expect(calls).toEqual(records(3));
  });

  test("two commands for a logout, and one more for a user's", async () => {
    const sessions = sessionsWith();
    const [nobodys, users] = [
      await saved(sessions, { a: 1 }),
      await saved(sessions, { userId: 42 }),
    ];
    expect(await askedBy(async () => (await sessions.load(nobodys.id)).destroy())).toEqual(
      records(2),
    );
    expect(await askedBy(async () => (await sessions.load(users.id)).destroy())).toEqual([
      ...records(2),
      "zrem",
    ]);
  });

  test("two commands for a save that is interrupted", async () => {
    const sessions = sessionsWith();
    const session = await saved(sessions, { a: 1 });
    const other = await sessions.load(session.id);
    await other.destroy();
    const calls = await askedBy(async () => {
      await expect(session.set("a", 2).save()).rejects.toThrow("destroyed");
      await expect(session.save()).rejects.toThrow("destroyed");
    });
    expect(calls).toEqual(records(2));
  });

  test("nothing for a save that is too large, or cannot be encoded", async () => {
    const session = await saved(sessionsWith({ maxBytes: 100 }), { a: 1 });
    const calls = await askedBy(async () => {
      await expect(session.set("a", "x".repeat(200)).save()).rejects.toThrow("maxBytes");
      await expect(session.set("a", () => 1).save()).rejects.toThrow("function");
    });
    expect(calls).toEqual([]);
  });

  test("one command and one per session for a list", async () => {
    const sessions = sessionsWith();
    const logins = Array.from({ length: 5 }, () => saved(sessions, { userId: "Ann" }));
    await Promise.all(logins);
    const calls = await askedBy(() => sessions.list({ userId: "Ann" }));
    expect(calls).toEqual([...records(5), "zrange"]);
  });

  test("two commands and one per session for destroyAll", async () => {
    const sessions = sessionsWith();
    const logins = Array.from({ length: 5 }, () => saved(sessions, { userId: "Bob" }));
    await Promise.all(logins);
    const calls = await askedBy(() => sessions.destroyAll({ userId: "Bob" }));
    expect(calls).toEqual([...records(5), "zrange", "zrem"]);
  });
});
