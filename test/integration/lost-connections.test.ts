import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import type { ConnectionEvent } from "../../src/contracts/events.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { connectionsOf, killServer, startedRedis, statOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

interface Watched {
  readonly cache: Cache;
  /** What was told of the connection, in order. */
  readonly told: readonly (readonly ["connect" | "disconnect", ConnectionEvent])[];
  readonly names: () => string;
}

function watched(options: CacheOptions): Watched {
  const cache = openCache(options);
  const told: ["connect" | "disconnect", ConnectionEvent][] = [];
  for (const name of ["connect", "disconnect"] as const) {
    cache.on(name, (event) => told.push([name, event]));
  }
  return { cache, told, names: () => told.map(([name]) => name).join() };
}

async function restart(server: RedisServer): Promise<RedisServer> {
  const next = await startRedisServer({ port: server.port });
  onTestFinished(() => next.stop());
  return next;
}

describe("a connection that is lost", () => {
  test("a server killed and restarted is used again by the next call", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.set("key", 1);
    await killServer(server);
    await until("the loss is told", () => names() === "connect,disconnect");
    await restart(server);
    expect(await cache.set("key", 2)).toBe(true);
    expect(await cache.get("key")).toBe(2);
    expect(names()).toBe("connect,disconnect,connect");
  });

  test("while the server is down, calls fail at once", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.set("key", 1);
    await killServer(server);
    await until("the loss is told", () => names() === "connect,disconnect");
    const { error, tookMs } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(tookMs).toBeLessThan(1_500);
  });

  test("scripts are loaded again on a server that came back empty", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.incr("count", 1, { ifMissing: "create" });
    await killServer(server);
    await until("the loss is told", () => names() === "connect,disconnect");
    await restart(server);
    expect(await cache.incr("count", 5, { ifMissing: "create" })).toBe(5);
  });

  test("calls in flight when it is lost fail at once; writes may have been applied", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), commandTimeout: "5s" });
    await cache.set("key", 1);
    process.kill(server.pid, "SIGSTOP"); // so that they are in flight
    const read = failureOf(() => cache.get("key"));
    const write = failureOf(() => cache.set("key", 2));
    await turn();
    await killServer(server);
    for (const call of [read, write]) {
      expect((await call).error).toBeInstanceOf(StoreUnavailableError);
      expect((await call).tookMs).toBeLessThan(1_500);
    }
    expect((await read).error).toMatchObject({ maybeApplied: false });
    expect((await write).error).toMatchObject({ maybeApplied: true });
  });

  test("a write in flight when the connection was killed is not sent again", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.set("count", 0);
    for (let round = 0; round < 20; round++) {
      const calls = Array.from({ length: 20 }, () => cache.incr("count").catch(() => undefined));
      const kill = server.cli("CLIENT", "KILL", "TYPE", "normal");
      const answered = (await Promise.all(calls)).filter((count) => count !== undefined);
      await kill;
      expect(new Set(answered).size).toBe(answered.length);
    }
    await until("it serves", () => cache.ping().catch(() => false));
    expect(await cache.get<number>("count")).toBeLessThanOrEqual(400);
    expect(names()).toContain("disconnect");
  });

  test("a client killed on the server connects anew, once, however many calls come", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.set("key", 1);
    await server.cli("CLIENT", "KILL", "TYPE", "normal");
    await until("the loss is told", () => names() === "connect,disconnect");
    const before = await statOf(server, "total_connections_received");
    const values = await Promise.all(Array.from({ length: 50 }, () => cache.get("key")));
    expect(values.every((value) => value === 1)).toBe(true);
    expect((await statOf(server, "total_connections_received")) - before).toBe(1 + 1); // redis-cli's
    expect(await connectionsOf(server)).toBe(1);
  });

  test.each(["close", "destroy"] as const)(
    "a connection ended from outside, by %s of the raw client, is opened anew",
    async (end) => {
      const server = await startedRedis();
      const cache = openCache({ location: server.url() });
      await cache.set("key", 1);
      const client = await cache.rawClient<Record<typeof end, () => unknown>>();
      await client[end]();
      await failureOf(() => cache.get("key")).catch(() => undefined); // may be told, once
      expect(await cache.get("key")).toBe(1);
    },
  );

  test("a server that hangs up on idle clients is connected to anew", async () => {
    const server = await startedRedis();
    const { cache, names } = watched({ location: server.url() });
    await cache.set("key", 1);
    await server.cli("CONFIG", "SET", "timeout", "1");
    await until("the server hung up", () => names() === "connect,disconnect", 6_000);
    expect(await cache.get("key")).toBe(1);
  });

  test("thirty losses leave one connection and no listener behind", async () => {
    const server = await startedRedis();
    const warnings: unknown[] = [];
    const warn = (warning: unknown): number => warnings.push(warning);
    process.on("warning", warn);
    onTestFinished(() => void process.off("warning", warn));
    const { cache, told } = watched({ location: server.url() });
    for (let round = 1; round <= 30; round++) {
      await cache.set("key", round);
      await server.cli("CLIENT", "KILL", "TYPE", "normal");
      await until("the loss is told", () => told.length === 2 * round);
    }
    await cache.get("key");
    expect(await connectionsOf(server)).toBe(1);
    expect(warnings).toEqual([]);
  });
});

describe("what is told of a connection", () => {
  test("connect names the cache, once", async () => {
    const server = await startedRedis();
    const { cache, told } = watched({ location: server.url(), name: "mine" });
    await Promise.all([cache.get("a"), cache.get("b")]);
    expect(told).toEqual([["connect", { cache: "mine" }]]);
  });

  test("a loss has a cause", async () => {
    const server = await startedRedis();
    const { cache, told, names } = watched({ location: server.url() });
    await cache.get("key");
    await server.cli("CLIENT", "KILL", "TYPE", "normal");
    await until("the loss is told", () => names() === "connect,disconnect");
    expect(told[1]?.[1].cause).toBeInstanceOf(Error);
  });

  test("a close has no cause", async () => {
    const server = await startedRedis();
    const { cache, told } = watched({ location: server.url(), name: "mine" });
    await cache.get("key");
    await cache.close();
    expect(told.slice(1)).toEqual([["disconnect", { cache: "mine" }]]);
  });

  test("every cache of a shared connection is told of its loss", async () => {
    const server = await startedRedis();
    const one = watched({ location: server.url() });
    const other = watched({ location: server.url() });
    await one.cache.get("key");
    await other.cache.get("key");
    await server.cli("CLIENT", "KILL", "TYPE", "normal");
    await until("the loss is told", () => other.names().includes("disconnect"));
    expect(one.names()).toContain("disconnect");
  });

  test("a cache that was closed is told nothing more", async () => {
    const server = await startedRedis();
    const one = watched({ location: server.url() });
    const other = watched({ location: server.url() });
    await Promise.all([one.cache.get("key"), other.cache.get("key")]);
    await one.cache.close();
    const before = one.told.length;
    await server.cli("CLIENT", "KILL", "TYPE", "normal");
    await until("the loss is told", () => other.names() === "connect,disconnect");
    expect(one.told).toHaveLength(before);
  });

  test("a server that was never reached is no disconnect", async () => {
    const { cache, told } = watched({ location: "redis://127.0.0.1:1" });
    await failureOf(() => cache.get("key"));
    expect(told).toEqual([]);
  });

  test("a listener that throws breaks neither the cache nor its connection", async () => {
    const server = await startedRedis();
    const logged: unknown[] = [];
    const listener = (): never => {
      throw new Error("a bug of the user's");
    };
    const cache = openCache({
      location: server.url(),
      logger: { error: (message) => logged.push(message) },
      events: { connect: listener, disconnect: listener },
    });
    await cache.set("key", 1);
    await server.cli("CLIENT", "KILL", "TYPE", "normal");
    await until("both have thrown", () => logged.length === 2);
    expect(await cache.get("key")).toBe(1);
  });

  test("a cache that joins an open connection is told of it too", async () => {
    const server = await startedRedis();
    await openCache({ location: server.url() }).ping();
    const told: string[] = [];
    const events = { connect: () => told.push("connect") };
    openCache({ location: server.url(), events });
    expect(told).toEqual(["connect"]);
  });
});

test("nothing that comes late opens a closed connection again", async () => {
  const server = await startedRedis();
  const cache = openCache({ location: server.url(), commandTimeout: "80ms" });
  await cache.ping();
  process.kill(server.pid, "SIGSTOP");
  const taking = failureOf(() => cache.lock("door", { ttl: "1m", wait: 0 }));
  await taking;
  await cache.close();
  process.kill(server.pid, "SIGCONT");
  await until("the server has let go", async () => (await connectionsOf(server)) === 0);
  await new Promise((resume) => setTimeout(resume, 150));
  expect(await connectionsOf(server)).toBe(0);
});
