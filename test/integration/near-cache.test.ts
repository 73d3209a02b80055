import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "@redis/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { freshPrefix } from "../support/fresh.ts";
import { startedHeldReplies } from "../support/held-replies.ts";
import { nearStats, trackingClients, untilNear, untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";
import { callsOf, connectionsOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer({ args: ["--enable-debug-command", "yes"] });
});

afterAll(async () => {
  await server.stop();
});

async function openNear(options: CacheOptions = {}): Promise<Cache> {
  const cache = openCache({
    location: server.url(),
    commandTimeout: "5s",
    keyPrefix: freshPrefix(),
    nearCache: true,
    ...options,
  });
  await untilTracking(cache);
  return cache;
}

/** Returns a cache with `value` under "key", near. */
async function holding(value: unknown, options?: CacheOptions): Promise<Cache> {
  const cache = await openNear(options);
  await cache.set("key", value);
  await untilNear(cache, "key");
  return cache;
}

describe("what is near", () => {
  test("is read without a word to the server, by every method that reads values", async () => {
    const cache = await holding({ n: 1 });
    await server.cli("CONFIG", "RESETSTAT");
    const expected = { n: 1 };
    expect(await cache.get("key")).toEqual(expected);
    expect(await cache.getOrThrow("key")).toEqual(expected);
    expect(await cache.getMany(["key"])).toEqual(new Map([["key", expected]]));
    expect(await cache.getOrSet("key", () => "made")).toEqual(expected);
    expect(await cache.getOrSetMany(["key"], () => [])).toEqual(new Map([["key", expected]]));
    const calls = await callsOf(server);
    expect([calls.get("get"), calls.get("mget")]).toEqual([undefined, undefined]);
  });

  test("is a part of what getMany brings: the rest is asked for, in the order of the keys", async () => {
    const cache = await holding(1);
    await cache.setMany({ before: 0, after: 2 });
    const found = await cache.getMany(["after", "key", "none", "before"]);
    expect([...found]).toEqual([
      ["after", 2],
      ["key", 1],
      ["before", 0],
    ]);
    await cache.getMany(["after", "before"]);
    expect(nearStats(cache).entries).toBe(3);
  });

  test("is shared by the views of a cache, under their own keys", async () => {
    const cache = await openNear();
    const users = cache.namespace("users").withVersion(2);
    await users.set("ann", 1);
    await untilNear(cache.withVersion(2), "users:ann");
    const { hits } = nearStats(cache);
    expect([await users.get("ann"), await cache.get("users:ann")]).toEqual([1, undefined]);
    expect(nearStats(cache).hits).toBe(hits + 1);
  });

  test("counts as a hit of the cache, and is told of", async () => {
    const cache = await holding(1);
    const told: unknown[] = [];
    cache.on("hit", ({ key }) => told.push(key));
    const { hits } = cache.stats();
    await cache.get("key");
    expect([told, cache.stats().hits]).toEqual([["key"], hits + 1]);
  });

  test("a stored `undefined` and `null` are something; an absent key is asked for each time", async () => {
    const cache = await openNear();
    await cache.set("null", null);
    await cache.getOrSet("undefined", () => undefined, { negativeTtl: 60 });
    for (const key of ["null", "undefined"]) await untilNear(cache, key);
    expect(await cache.get("undefined", { default: "none" })).toBe("none");
    const { misses } = nearStats(cache);
    for (let time = 0; time < 2; time++) expect(await cache.get("absent")).toBeUndefined();
    expect(nearStats(cache).misses).toBe(misses + 2);
  });

  test("bad calls reject all the same, and so do calls on a closed cache", async () => {
    const cache = await holding(1);
    const options = { verison: 2 } as object;
    await expect(cache.get("key", options)).rejects.toMatchObject({ code: "CONFIGURATION" });
    await expect(cache.get("")).rejects.toThrow(TypeError);
    const view = cache.namespace("view");
    await view.close();
    await expect(view.get("key")).rejects.toMatchObject({ code: "CLOSED" });
    await cache.close();
    await expect(cache.get("key")).rejects.toMatchObject({ code: "CLOSED" });
  });
});

describe("values", () => {
  test("of plain data are frozen all the way, near or not, and the same for all", async () => {
    const cache = await openNear();
    await cache.set("key", { list: [{ n: 1 }] });
    const far = await cache.get<{ list: { n: number }[] }>("key");
    await untilNear(cache, "key");
    const near = await cache.get<{ list: { n: number }[] }>("key");
    for (const value of [far, near]) {
      expect(() => value?.list.push({ n: 2 })).toThrow(TypeError);
      expect(() => Object.assign(value?.list[0] ?? {}, { n: 2 })).toThrow(TypeError);
    }
    expect(await cache.get("key")).toBe(near);
    expect(near).toEqual({ list: [{ n: 1 }] });
  });

  test.each<readonly [string, unknown, (value: never) => void]>([
    ["a date", new Date(5), (date: Date) => date.setTime(0)],
    ["a map", new Map([["a", 1]]), (map: Map<string, number>) => map.clear()],
    ["a set", new Set([1]), (set: Set<number>) => set.clear()],
    ["bytes", Buffer.from("bytes"), (bytes: Buffer) => bytes.fill(0)],
    ["data that holds one", { when: new Date(5) }, (held: { when: unknown }) => (held.when = 0)],
  ])(
    "that are no plain data come back anew, and may be changed: %s",
    async (_what, value, change) => {
      const cache = await holding(value);
      for (let time = 0; time < 2; time++) {
        const own = await cache.get("key");
        expect(own).toEqual(value);
        change(own as never);
        const many = await cache.getMany(["key"]);
        expect(many.get("key")).toEqual(value);
        change(many.get("key") as never);
      }
    },
  );

  test.each(["zlib", "brotli", "zstd"] as const)(
    "are kept where %s made them small",
    async (compressor) => {
      const long = "long text ".repeat(50_000);
      const cache = await holding({ long }, { compressor });
      await cache.set("map", new Map([["long", long]]));
      await untilNear(cache, "map");
      expect(await cache.get("key")).toBe(await cache.get("key"));
      expect(await cache.get("map")).toEqual(new Map([["long", long]]));
    },
  );

  test("of a serializer of the user's are made by it for each read, unless plain", async () => {
    class Point {
      readonly x: number;
      constructor(x: number) {
        this.x = x;
      }
    }
    const serializer = {
      name: "point",
      encode: (value: unknown) => Buffer.of((value as Point).x),
      decode: (bytes: Uint8Array) => new Point(bytes[0] ?? 0),
    };
    const cache = await holding(new Point(3), { serializer });
    const [one, other] = [await cache.get("key"), await cache.get("key")];
    expect([one, one === other]).toEqual([new Point(3), false]);
  });

  test("that cannot be read are no worse than without", async () => {
    const cache = await openNear();
    await server.cli("SET", cache.storedKey("key"), "?");
    for (let time = 0; time < 2; time++) {
      await expect(cache.get("key")).rejects.toMatchObject({ code: "DECODE", key: "key" });
    }
    await cache.set("key", "mended");
    await server.cli("LPUSH", cache.storedKey("list"), "1");
    await expect(cache.get("list")).rejects.toMatchObject({ code: "WRONG_TYPE" });
    expect(await cache.getMany(["list", "key"])).toEqual(new Map([["key", "mended"]]));
  });
});

describe("what another program does is seen", () => {
  const changes: readonly (readonly [string, (key: string) => readonly string[], unknown])[] = [
    ["SET", (key) => ["SET", key, "2"], 2],
    ["APPEND", (key) => ["APPEND", key, "5"], 15],
    ["INCR", (key) => ["INCR", key], 2],
    ["DEL", (key) => ["DEL", key], undefined],
    ["UNLINK", (key) => ["UNLINK", key], undefined],
    ["RENAME", (key) => ["RENAME", key, "elsewhere"], undefined],
    ["PEXPIRE", (key) => ["PEXPIRE", key, "1"], undefined],
    ["EXPIREAT in the past", (key) => ["EXPIREAT", key, "1"], undefined],
    ["a script", (key) => ["EVAL", "redis.call('SET', KEYS[1], 3)", "1", key], 3],
    ["FLUSHALL", () => ["FLUSHALL"], undefined],
    ["FLUSHDB", () => ["FLUSHDB"], undefined],
    ["FLUSHALL ASYNC", () => ["FLUSHALL", "ASYNC"], undefined],
  ];

  test.each(changes)("%s", async (_name, commandOn, expected) => {
    const cache = await holding(1);
    await server.cli(...commandOn(cache.storedKey("key")));
    await until("it is seen", async () => (await cache.get("key")) === expected, 1_000);
    expect(nearStats(cache).invalidations).toBeGreaterThan(0);
  });

  test("and what happens to others' keys is not", async () => {
    const cache = await holding(1);
    const other = openCache({ location: server.url(), keyPrefix: freshPrefix() });
    await other.set("key", 2);
    await server.cli("SET", `${cache.storedKey("key")}2`, "2");
    await wait(20);
    expect(nearStats(cache)).toMatchObject({ invalidations: 0, entries: 1 });
  });

  test("with a keyFunction all the same", async () => {
    const cache = await holding(1, {
      keyFunction: (key, prefix, version) => `${version}/${prefix}/${key}`,
      reverseKeyFunction: (stored) => stored.split("/").slice(2).join("/"),
    });
    await server.cli("SET", cache.storedKey("key"), "2");
    await until("it is seen", async () => (await cache.get("key")) === 2, 1_000);
    expect(nearStats(cache).invalidations).toBeGreaterThan(0);
  });

  test("keys in any script are known again", async () => {
    const cache = await openNear({ keyPrefix: `ключ-${freshPrefix()}` });
    await cache.set("имя 😀", 1);
    await untilNear(cache, "имя 😀");
    await server.cli("SET", cache.storedKey("имя 😀"), "2");
    await until("it is seen", async () => (await cache.get("имя 😀")) === 2, 1_000);
    expect(nearStats(cache).invalidations).toBeGreaterThan(0);
  });

  test("a key ends when it does, though the server has not removed it yet", async () => {
    const cache = await openNear();
    await server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    onTestFinished(async () => void (await server.cli("DEBUG", "SET-ACTIVE-EXPIRE", "1")));
    for (let time = 0; time < 5; time++) {
      await cache.set("key", time, { ttl: "100ms" });
      const setAtMs = performance.now();
      await untilNear(cache, "key");
      while (performance.now() < setAtMs + 101) await cache.get("key");
      expect(await cache.get("key")).toBeUndefined();
    }
  });
});

describe("what this cache writes is seen at once by itself", () => {
  const late = (): number => Date.now() + 60_000;
  const writes: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown])[] = [
    ["set", (cache) => cache.set("key", 2), 2],
    ["set with a ttl of nothing", (cache) => cache.set("key", 2, { ttl: 0 }), undefined],
    ["set with keepTtl", (cache) => cache.set("key", 2, { keepTtl: true }), 2],
    ["set where present", (cache) => cache.set("key", 2, { xx: true }), 2],
    ["add", (cache) => cache.add("key", 2), 1],
    ["setMany", (cache) => cache.setMany({ key: 2, other: 3 }), 2],
    ["delete", (cache) => cache.delete("key"), undefined],
    ["deleteMany", (cache) => cache.deleteMany(["other", "key"]), undefined],
    ["take", (cache) => cache.take("key"), undefined],
    ["incr", (cache) => cache.incr("key", 5), 6],
    ["decr", (cache) => cache.decr("key", 5), -4],
    ["touch", (cache) => cache.touch("key", 60), 1],
    ["touch with nothing", (cache) => cache.touch("key", 0), undefined],
    ["persist", (cache) => cache.persist("key"), 1],
    ["expire with nothing", (cache) => cache.expire("key", 0), undefined],
    ["expireAt", (cache) => cache.expireAt("key", new Date(late())), 1],
    ["expireAt in the past", (cache) => cache.expireAt("key", 1), undefined],
    ["pexpire with nothing", (cache) => cache.pexpire("key", 0), undefined],
    ["pexpireAt in the past", (cache) => cache.pexpireAt("key", 1), undefined],
    ["incrVersion", (cache) => cache.incrVersion("key"), undefined],
    ["decrVersion", (cache) => cache.decrVersion("key"), undefined],
    ["deletePattern", (cache) => cache.deletePattern("k*"), undefined],
    ["clear", (cache) => cache.clear(), undefined],
    ["flushDatabase", (cache) => cache.flushDatabase(), undefined],
    ["a view's set", (cache) => cache.withVersion(1).set("key", 2), 2],
    ["a memoized function's refresh", (cache) => refreshed(cache), 2],
    ["a memoized function's invalidate", (cache) => memoized(cache).invalidate(), undefined],
  ];

  test.each(writes)("by %s", async (_name, write, expected) => {
    const cache = await holding(1);
    await write(cache);
    expect(await cache.get("key")).toBe(expected);
    expect(await cache.getOrSet("key", () => "made")).toBe(expected ?? "made");
  });

  test("under the version that a value is moved to, too", async () => {
    const cache = await holding("moved");
    const next = cache.withVersion(2);
    await next.set("key", "in the way");
    await untilNear(next, "key");
    await cache.incrVersion("key");
    expect(await next.get("key")).toBe("moved");
  });

  test("what getOrSet stores is what is read next", async () => {
    const cache = await openNear();
    expect(await cache.getOrSet("key", () => "made")).toBe("made");
    await cache.getOrSetMany(["many"], (keys) => keys.map((key) => [key, `made ${key}`] as const));
    expect([await cache.get("key"), await cache.get("many")]).toEqual(["made", "made many"]);
  });
});

function memoized(cache: Cache) {
  return cache.memoize(async () => 2, { key: () => "key" });
}

async function refreshed(cache: Cache): Promise<void> {
  await memoized(cache).refresh();
}

describe("a read under way is not kept", () => {
  /** Begins a read, and lets `happen` happen after the server has answered it and before that is known. */
  async function readAcross(happen: (cache: Cache) => Promise<unknown>): Promise<Cache> {
    const proxy = await startedHeldReplies(server.port);
    const cache = await openNear({ location: proxy.url });
    await cache.setMany({ key: "old", fence: 1 });
    await untilNear(cache, "fence");
    await server.cli("CONFIG", "RESETSTAT");
    proxy.hold();
    const read = cache.get("key");
    await until("it has been answered", async () => (await callsOf(server)).get("get") === 1);
    await happen(cache);
    await server.cli("SET", cache.storedKey("fence"), "2");
    await until("the fence has been told", () => nearStats(cache).entries === 0);
    proxy.release();
    expect(await read).toBe("old");
    return cache;
  }

  test("when its key is written meanwhile", async () => {
    const cache = await readAcross((one) => server.cli("SET", one.storedKey("key"), "2"));
    expect(await cache.get("key")).toBe(2);
  });

  test.each(["FLUSHALL", "FLUSHDB"])("when all is gone meanwhile by %s", async (command) => {
    const cache = await readAcross(() => server.cli(command));
    expect(await cache.get("key")).toBeUndefined();
  });

  test("and is kept when only others were written", async () => {
    const cache = await readAcross((one) => server.cli("SET", one.storedKey("other"), "2"));
    const { hits } = nearStats(cache);
    expect([await cache.get("key"), nearStats(cache).hits]).toEqual(["old", hits + 1]);
  });
});

describe("bounds", () => {
  test("of entries: the least recently read go", async () => {
    const cache = await openNear({ nearCache: { maxEntries: 3 } });
    for (const key of ["a", "b", "c", "d"]) {
      await cache.set(key, key);
      await untilNear(cache, key);
    }
    expect(nearStats(cache)).toMatchObject({ entries: 3, evictions: 1 });
  });

  test("of bytes: a value that is too large is read from the server each time", async () => {
    const cache = await openNear({ nearCache: { maxBytes: 1_000 } });
    await cache.set("large", "x".repeat(2_000));
    for (let time = 0; time < 3; time++) await cache.get("large");
    for (const key of ["a", "b", "c"]) {
      await cache.set(key, "x".repeat(400));
      await untilNear(cache, key);
    }
    const { entries, bytes } = nearStats(cache);
    expect([entries, bytes > 800 && bytes <= 1_000]).toEqual([2, true]);
  });

  test("of age", async () => {
    const cache = await holding(1, { nearCache: { maxAge: "50ms" } });
    await wait(60);
    const { misses } = nearStats(cache);
    expect([await cache.get("key"), nearStats(cache).misses]).toEqual([1, misses + 1]);
  });
});

describe("a near cache", () => {
  test("is off unless asked for, and takes no connection before the first read", async () => {
    const options = { location: server.url(), keyPrefix: freshPrefix() };
    const others = await connectionsOf(server);
    const plain = openCache({ ...options, nearCache: false });
    await plain.set("key", { n: 1 });
    await openCache({ ...options, nearCache: true }).set("key", { n: 1 });
    expect(await connectionsOf(server)).toBe(others + 1);
    expect(plain.stats().near).toBeUndefined();
    expect(Object.isFrozen(await plain.get("key"))).toBe(false);
  });

  test("closes its connection with the cache, and not with a view of it", async () => {
    const cache = await openNear();
    const { length: before } = await trackingClients(server);
    await cache.namespace("view").close();
    expect(await trackingClients(server)).toHaveLength(before);
    await cache.close();
    await until("it is gone", async () => (await trackingClients(server)).length === before - 1);
  });

  test.each(["memory:", "dummy:"])("has no effect on %s", async (location) => {
    const cache = openCache({ location, nearCache: { maxEntries: 5 } });
    await cache.set("key", { n: 1 });
    expect(cache.stats().near).toBeUndefined();
    expect(Object.isFrozen(await cache.get("key", { default: {} }))).toBe(false);
  });

  test("is never asked by sessions", async () => {
    const cache = await openNear();
    const sessions = createSessions({ cache });
    const { hits, misses, entries } = nearStats(cache);
    const session = await sessions.load(undefined);
    session.set("n", 1);
    await session.save();
    const again = await sessions.load(session.id);
    expect([again.get("n"), nearStats(cache)]).toMatchObject([1, { hits, misses, entries }]);
  });

  test("goes with a client of the user's, over another one like it", async () => {
    const client = createClient({ url: server.url() });
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => client.destroy());
    const cache = await holding(1, { location: undefined, client });
    await server.cli(
      "CLIENT",
      "KILL",
      "ID",
      `${Number(await client.sendCommand(["CLIENT", "ID"]))}`,
    );
    await until("it has connected anew", () => nearStats(cache).entries === 0);
    await until("it is ready", () => client.isReady);
    await untilNear(cache, "key");
    await server.cli("SET", cache.storedKey("key"), "2");
    await until("it is seen", async () => (await cache.get("key")) === 2, 1_000);
    expect(nearStats(cache).invalidations).toBeGreaterThan(0);
  });

  test.each<readonly [string, (client: object) => object]>([
    ["cannot be duplicated", (client) => ({ ...client, duplicate: undefined })],
    ["drops what it is told", (client) => ({ ...client, duplicate: () => client })],
  ])("is refused with a client that %s", (_what, spoil) => {
    const client = { isReady: true, sendCommand() {}, withTypeMapping() {} };
    expect(() => openCache({ client: spoil(client), nearCache: true })).toThrow(
      expect.objectContaining({ code: "CONFIGURATION", option: "nearCache" }),
    );
  });
});
