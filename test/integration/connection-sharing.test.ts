import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCaches } from "../../src/create-caches.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { openCache } from "../support/open-cache.ts";
import { connectionsOf, statOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

describe("connections are shared by equal options", () => {
  let server: RedisServer;
  let location = "";

  beforeAll(async () => {
    server = await startRedisServer();
    location = server.url();
    await server.cli("ACL", "SETUSER", "ann", "on", ">pw", "~*", "+@all");
    await server.cli("ACL", "SETUSER", "bob", "on", ">pw", "~*", "+@all");
  });

  afterAll(async () => {
    await server.stop();
  });

  beforeEach(async () => {
    await server.cli("FLUSHALL");
    await until("the connections of the test before are gone", noneConnected);
  });

  const noneConnected = async (): Promise<boolean> => (await connectionsOf(server)) === 0;

  function open(count: number, options: CacheOptions = {}): Cache[] {
    return Array.from({ length: count }, () => openCache({ location, ...options }));
  }

  /** Runs `work` and returns how many connections the server accepted meanwhile. */
  async function acceptedDuring(work: () => Promise<unknown>): Promise<number> {
    const before = await statOf(server, "total_connections_received");
    await work();
    return (await statOf(server, "total_connections_received")) - before - 1; // redis-cli's own
  }

  test("making caches connects nothing", async () => {
    const accepted = await acceptedDuring(async () => {
      for (const cache of open(50)) cache.namespace("users").withVersion(2);
    });
    expect(accepted).toBe(0);
  });

  test("fifty caches with aliases, namespaces and versions use one connection", async () => {
    await using aliases = createCaches({ one: { location }, two: { location, keyPrefix: "two" } });
    const caches = [...open(50), aliases.one, aliases.two];
    const views = caches.flatMap((cache) => [cache.namespace("users"), cache.withVersion(2)]);
    for (const cache of [...caches, ...views]) await cache.set("key", 1);
    expect(await connectionsOf(server)).toBe(1);
  });

  test("first commands that come together connect once", async () => {
    const caches = open(50);
    const accepted = await acceptedDuring(() =>
      Promise.all(caches.flatMap((cache) => [cache.get("a"), cache.set("b", 1), cache.ping()])),
    );
    expect(accepted).toBe(1);
  });

  test("policies, keys and formats are no matter of the connection", async () => {
    const caches = [
      ...open(1, { keyPrefix: "a", version: 2, ttl: null }),
      ...open(1, { ignoreErrors: true, serializer: "json", scanCount: 10, name: "b" }),
      ...open(1, { compressor: "gzip", events: { hit: () => undefined } }),
    ];
    for (const cache of caches) await cache.get("key");
    expect(await connectionsOf(server)).toBe(1);
  });

  test.each([
    ["a database by path and by query", "redis://127.0.0.1:PORT/2", "redis://127.0.0.1:PORT?db=2"],
    ["redis: and valkey:", "redis://127.0.0.1:PORT/2", "valkey://127.0.0.1:PORT/2"],
    ["an escaped user", "redis://ann:pw@127.0.0.1:PORT/0", "redis://%61nn:pw@127.0.0.1:PORT/"],
  ])("options that mean the same share: %s", async (_rule, one, other) => {
    for (const spelling of [one, other]) {
      await openCache({ location: spelling.replace("PORT", `${server.port}`) }).get("key");
    }
    expect(await connectionsOf(server)).toBe(1);
  });

  test("credentials in the URL and as options share", async () => {
    await openCache({ location: location.replace("//", "//ann:pw@") }).get("key");
    await openCache({ location, username: "ann", password: "pw" }).get("key");
    expect(await connectionsOf(server)).toBe(1);
  });

  const differences: readonly (readonly [string, CacheOptions, CacheOptions])[] = [
    ["credentials", { username: "ann", password: "pw" }, { username: "bob", password: "pw" }],
    ["one signed in, one not", { username: "ann", password: "pw" }, {}],
    ["connectTimeout", { connectTimeout: "1s" }, { connectTimeout: "2s" }],
    ["commandTimeout", { commandTimeout: "1s" }, { commandTimeout: "2s" }],
  ];

  test.each(differences)("options that differ never share: %s", async (_rule, one, other) => {
    await openCache({ location, ...one }).get("key");
    await openCache({ location, ...other }).get("key");
    expect(await connectionsOf(server)).toBe(2);
  });

  test("aliases of different databases do not see each other's keys", async () => {
    await using caches = createCaches({
      first: { location: server.url(1) },
      second: { location: server.url(2) },
    });
    await caches.first.set("key", "first");
    expect(await caches.second.get("key")).toBeUndefined();
    expect(await connectionsOf(server)).toBe(2);
  });

  test("calls of different databases that are in flight together stay apart", async () => {
    const caches = Array.from({ length: 8 }, (_, db) => openCache({ location: server.url(db) }));
    await Promise.all(caches.map((cache, db) => cache.set("key", db)));
    const rounds = Array.from({ length: 50 }, () => caches.map((cache) => cache.get("key")));
    const read = await Promise.all(rounds.map((reads) => Promise.all(reads)));
    expect(read.every((values) => values.join() === "0,1,2,3,4,5,6,7")).toBe(true);
  });

  test("aliases of different credentials are signed in as who they say", async () => {
    const signedIn = await Promise.all(
      ["ann", "bob"].map(async (username) => {
        const client = await openCache({ location, username, password: "pw" }).rawClient<{
          sendCommand(command: readonly string[]): Promise<unknown>;
        }>();
        return client.sendCommand(["ACL", "WHOAMI"]);
      }),
    );
    expect(signedIn).toEqual(["ann", "bob"]);
  });

  test("closing the last of the caches ends the connection", async () => {
    const caches = open(3);
    await Promise.all(caches.map((cache) => cache.get("key")));
    await caches[0]?.close();
    await caches[1]?.close();
    expect(await connectionsOf(server)).toBe(1);
    await caches[2]?.close();
    await until("the connection is gone", noneConnected);
  });

  test("closing one cache leaves the others working", async () => {
    const [one, other] = open(2) as [Cache, Cache];
    await one.set("key", 1);
    await one.close();
    expect(await other.get("key")).toBe(1);
  });

  test("closing a cache twice gives its share of the connection back once", async () => {
    const [one, other] = open(2) as [Cache, Cache];
    await Promise.all([one.get("key"), other.get("key")]);
    await one.close();
    await one.close();
    expect(await other.ping()).toBe(true);
    expect(await connectionsOf(server)).toBe(1);
  });

  test("closing a view ends no connection", async () => {
    const [cache] = open(1) as [Cache];
    const view = cache.namespace("users");
    await view.set("key", 1);
    await view.close();
    expect(await cache.namespace("users").get("key")).toBe(1);
  });

  test("closing a cache that was never used connects nothing", async () => {
    const accepted = await acceptedDuring(async () => {
      for (const cache of open(5)) await cache.close();
    });
    expect(accepted).toBe(0);
  });

  test("closing while the first command connects waits for its answer, and leaves nothing open", async () => {
    const [cache] = open(1) as [Cache];
    const write = cache.set("key", 1);
    await cache.close();
    expect(await write).toBe(true);
    await until("the connection is gone", noneConnected);
  });

  test("a cache made while the last one closes has a connection of its own", async () => {
    const [old] = open(1) as [Cache];
    await old.set("key", 1);
    const closing = old.close();
    const [young] = open(1) as [Cache];
    expect(await young.get("key")).toBe(1);
    await closing;
    expect(await young.get("key")).toBe(1);
    expect(await connectionsOf(server)).toBe(1);
  });

  test("aliases that cannot all be made hold no connection of those that could", async () => {
    const [cache] = open(1) as [Cache];
    await cache.get("key");
    expect(() => createCaches({ good: { location }, bad: { location: "http:" } })).toThrow(
      "this version takes",
    );
    await cache.close();
    await until("the connection is gone", noneConnected);
  });
});
