import { describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { nearStats, trackingClients, untilNear, untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";
import { startedProxy } from "../support/proxies.ts";
import { closedPort, startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

/** Returns a cache with 1 under "key", near. */
async function holdingOne(options: CacheOptions): Promise<Cache> {
  const cache = openCache({ keyPrefix: "app", nearCache: true, commandTimeout: "5s", ...options });
  await untilTracking(cache);
  await cache.set("key", 1);
  await untilNear(cache, "key");
  return cache;
}

async function setElsewhere(server: RedisServer, value: number): Promise<void> {
  await server.cli("SET", "app:1:key", String(value));
}

describe("when the connection over which changes are told is lost", () => {
  test("nothing is near any more before the next read, and later on all is again", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url() });
    const [id = ""] = await trackingClients(server);
    await server.cli("CLIENT", "KILL", "ID", id);
    await until("it is known", () => !nearStats(cache).tracking);
    expect(nearStats(cache).entries).toBe(0);
    await setElsewhere(server, 2);
    expect(await cache.get("key")).toBe(2);
    await untilNear(cache, "key");
    expect(await trackingClients(server)).not.toContain(id);
  });

  test("so it is when the one for commands is: the next may be to another server", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url() });
    const before = await trackingClients(server);
    const redis = await cache.rawClient<{ sendCommand(args: string[]): Promise<unknown> }>();
    const id = String(await redis.sendCommand(["CLIENT", "ID"]));
    await server.cli("CLIENT", "KILL", "ID", id);
    await until("it is known", () => nearStats(cache).entries === 0);
    await untilTracking(cache);
    expect(await trackingClients(server)).not.toEqual(before);
  });

  test("what is told over the next one is heeded", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url() });
    for (const id of await trackingClients(server)) await server.cli("CLIENT", "KILL", "ID", id);
    await until("it is known", () => !nearStats(cache).tracking);
    await untilTracking(cache);
    await untilNear(cache, "key");
    await setElsewhere(server, 2);
    await until("it is seen", async () => (await cache.get("key")) === 2, 1_000);
    expect(nearStats(cache).invalidations).toBeGreaterThan(0);
  });

  test("a server that is killed and comes back empty is not remembered as it was", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url(), ignoreErrors: true });
    await server.restart();
    await until("it is known", () => !nearStats(cache).tracking);
    await until("it is there", () => cache.ping());
    expect(await cache.get("key")).toBeUndefined();
    await untilTracking(cache);
  });

  test("unnoticed, with the link half-open, nothing older than two seconds is served", async () => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    const cache = await holdingOne({ location: proxy.url(), ignoreErrors: true });
    proxy.inject({ kind: "half-open" });
    await setElsewhere(server, 2);
    const changedAtMs = performance.now();
    let servedAtMs = changedAtMs;
    await until(
      "the old value is not served any more",
      async () => {
        const beganAtMs = performance.now();
        const isOld = (await cache.get("key")) === 1;
        if (isOld) servedAtMs = beganAtMs;
        return !isOld;
      },
      5_000,
    );
    expect(servedAtMs - changedAtMs).toBeLessThanOrEqual(2_000);
    proxy.heal();
    await until("it is there again", async () => (await cache.get("key")) === 2, 10_000);
    await untilTracking(cache);
  });

  test("a link on which nothing happens is trusted for as long as it lives", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url() });
    const { hits, misses } = nearStats(cache);
    const untilMs = performance.now() + 3_000;
    await until(
      "three seconds are over",
      async () => {
        expect(await cache.get("key")).toBe(1);
        return performance.now() > untilMs;
      },
      10_000,
    );
    expect(nearStats(cache).hits).toBeGreaterThan(hits);
    expect(nearStats(cache).misses).toBe(misses);
  });

  test("a frozen process trusts nothing that it may have missed", async () => {
    const server = await startedRedis();
    const cache = await holdingOne({ location: server.url() });
    const written = setElsewhere(server, 2);
    const thawAtMs = performance.now() + 2_100;
    while (performance.now() < thawAtMs);
    expect(await cache.get("key")).toBe(2);
    await written;
  });
});

describe("where changes cannot be told", () => {
  test.each([
    ["a user who may not ask for it", "-client"],
    ["a user who may not track", "-client|tracking"],
  ])("%s: one clear error, and reads go on", async (_what, rule) => {
    const server = await startedRedis();
    await server.cli("ACL", "SETUSER", "ann", "on", ">pw", "~*", "&*", "+@all", rule);
    const told: unknown[] = [];
    const logged: unknown[] = [];
    const cache = openCache({
      location: server.url(),
      username: "ann",
      password: "pw",
      nearCache: true,
      events: { error: (event) => told.push(event) },
      logger: { error: (message) => logged.push(message) },
    });
    await cache.set("key", 1);
    await until("it is told", async () => {
      expect(await cache.get("key")).toBe(1);
      return told.length > 0;
    });
    for (let time = 0; time < 20; time++) expect(await cache.get("key")).toBe(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      operation: "nearCache",
      ignored: true,
      error: { code: "CONFIGURATION", option: "nearCache", message: /NOPERM.*\+client\|tracking/s },
    });
    expect(logged).toEqual([expect.stringContaining("nearCache has no effect")]);
    expect(nearStats(cache)).toMatchObject({ tracking: false, entries: 0, hits: 0 });
  });

  test("a user needs no more than to track, and what any cache needs", async () => {
    const server = await startedRedis();
    const rights = ["+client|tracking", "+get", "+mget", "+ping", "+pttl", "+set"];
    await server.cli("ACL", "SETUSER", "ann", "on", ">pw", "~app:*", "-@all", ...rights);
    const cache = await holdingOne({ location: server.url(), username: "ann", password: "pw" });
    await setElsewhere(server, 2);
    await until("it is seen", async () => (await cache.get("key")) === 2, 1_000);
    expect(cache.stats().errors).toBe(0);
  });

  test("a server without RESP3 is one of these", async () => {
    const server = await startedRedis({ args: ["--rename-command", "HELLO", ""] });
    const told: unknown[] = [];
    const cache = openCache({
      location: server.url(),
      nearCache: true,
      events: { error: ({ error }) => told.push(error) },
      logger: { error: () => undefined },
    });
    await until("it is told", async () => {
      await cache.get("key");
      return told.length > 0;
    });
    expect(told).toMatchObject([{ option: "nearCache", message: /ERR.*RESP3/s }]);
  });

  test("a server that is not there is no matter of the near cache: reads tell of it", async () => {
    const told: unknown[] = [];
    const cache = openCache({
      location: `redis://127.0.0.1:${await closedPort()}`,
      nearCache: true,
      events: { error: ({ operation }) => told.push(operation) },
    });
    for (let time = 0; time < 3; time++) await cache.get("key").catch(() => undefined);
    expect(told).toEqual(["get", "get", "get"]);
  });

  test("closing while it connects ends both", async () => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    proxy.inject({ kind: "latency", ms: 50 });
    const cache = openCache({ location: proxy.url(), nearCache: true });
    onTestFinished(() => proxy.heal());
    await cache.get("key");
    await cache.get("key");
    await cache.close();
    await until("nothing is open", () => proxy.open === 0);
    expect(nearStats(cache).tracking).toBe(false);
  });
});
