import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import type { CircuitEvent } from "../../src/contracts/events.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { failureOf } from "../support/failure.ts";
import { untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";
import { startedProxy } from "../support/proxies.ts";
import { startedRedis, statOf } from "../support/servers.ts";
import { until } from "../support/until.ts";

const commandTimeout = "80ms";

interface Watched {
  readonly cache: Cache;
  readonly told: readonly CircuitEvent[];
  readonly states: () => string;
}

function watched(options: CacheOptions): Watched {
  const cache = openCache({ commandTimeout, ...options });
  const told: CircuitEvent[] = [];
  cache.on("circuit", (event) => told.push(event));
  return { cache, told, states: () => told.map(({ state }) => state).join() };
}

async function failTogether(cache: Cache, count: number): Promise<void> {
  const calls = Array.from({ length: count }, (_, i) => cache.get(`key ${i}`).catch(() => 0));
  await Promise.all(calls);
}

describe("the circuit before a server that froze", () => {
  test("opens with the first calls that time out; further ones fail at once, with the cause", async () => {
    const server = await startedRedis();
    const { cache, told } = watched({ location: server.url(), name: "pages" });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 50);
    expect(told).toEqual([{ cache: "pages", state: "open", cause: expect.any(Error) }]);
    expect([cache.stats().circuit, cache.namespace("n").stats().circuit]).toEqual(["open", "open"]);
    const waits: number[] = [];
    for (let call = 0; call < 20; call++) {
      const { error, tookMs } = await failureOf(() => cache.set("key", 2));
      expect(error).toBeInstanceOf(StoreUnavailableError);
      expect(error).toMatchObject({ maybeApplied: false, cause: expect.any(Error) });
      waits.push(tookMs);
    }
    expect(waits.toSorted((a, b) => a - b)[10]).toBeLessThan(50); // one may be let through to try
  });

  test("opens with reads of one turn that miss their near cache: each counts", async () => {
    const server = await startedRedis();
    const circuitBreaker = { threshold: 20 };
    const { cache, states } = watched({ location: server.url(), nearCache: true, circuitBreaker });
    await untilTracking(cache);
    server.freeze();
    await failTogether(cache, 19);
    expect(states()).toBe("");
    await failTogether(cache, 1);
    expect(states()).toBe("open");
  });

  test("closes as soon as the server answers again, without a call", async () => {
    const server = await startedRedis();
    const { cache, states } = watched({ location: server.url() });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 20);
    await wait(300);
    server.thaw();
    await until("it has closed", () => states() === "open,closed");
    expect(await cache.get("key")).toBe(1);
    expect(cache.stats().circuit).toBe("closed");
  });

  test("with ignoreErrors, calls answer as for a miss, at once", async () => {
    const server = await startedRedis();
    const { cache } = watched({ location: server.url(), ignoreErrors: true });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 20);
    expect(cache.stats().circuit).toBe("open");
    const startedMs = performance.now();
    for (let call = 0; call < 100; call++) expect(await cache.get("key")).toBeUndefined();
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test("is told in two lines in all, however many calls meet it", async () => {
    const server = await startedRedis();
    const lines: string[] = [];
    const { cache, states } = watched({
      location: server.url(),
      name: "pages",
      ignoreErrors: true,
      logIgnoredErrors: true,
      logger: { error: (line) => void lines.push(line) },
    });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 500);
    for (let round = 0; round < 20; round++) await failTogether(cache, 50);
    server.thaw();
    await until("it has closed", () => states() === "open,closed");
    expect(cache.stats().ignoredErrors).toBe(1_500);
    expect(lines).toEqual([
      "cachewell: pages: the circuit is open, calls fail at once",
      "cachewell: pages: the circuit is closed, the server answers again",
    ]);
  });

  test("does not open where it is turned off: every call waits for itself", async () => {
    const server = await startedRedis();
    const { cache, told } = watched({ location: server.url(), circuitBreaker: false });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 50);
    const { tookMs } = await failureOf(() => cache.get("key"));
    expect(tookMs).toBeGreaterThan(60);
    expect([told, cache.stats().circuit]).toEqual([[], "closed"]);
  });

  test("is one for all caches on its connection, and those that come later are told", async () => {
    const server = await startedRedis();
    const one = watched({ location: server.url() });
    const other = watched({ location: server.url() });
    await one.cache.set("key", 1);
    server.freeze();
    await failTogether(one.cache, 20);
    const told: string[] = [];
    openCache({
      location: server.url(),
      commandTimeout,
      events: { circuit: ({ state }) => told.push(state) },
    });
    expect([other.states(), told.join()]).toEqual(["open", "open"]);
  });

  test("is probed no more once its caches are closed", async () => {
    const server = await startedRedis();
    const { cache } = watched({ location: server.url() });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 20);
    await cache.close();
    server.thaw();
    await wait(100);
    const before = await statOf(server, "total_connections_received");
    await wait(600);
    expect((await statOf(server, "total_connections_received")) - before).toBe(1); // redis-cli's
  });

  test("lets one call through per cooldown, beside the probes", async () => {
    const server = await startedRedis();
    const circuitBreaker = { threshold: 2, cooldown: "200ms" } as const;
    const { cache } = watched({ location: server.url(), circuitBreaker });
    await cache.set("key", 1);
    server.freeze();
    await failTogether(cache, 20);
    const slow: number[] = [];
    const endAtMs = performance.now() + 900;
    while (performance.now() < endAtMs) {
      const { tookMs } = await failureOf(() => cache.get("key"));
      if (tookMs > 20) slow.push(tookMs);
      await wait(1);
    }
    expect(slow.length).toBeGreaterThan(0);
    expect(slow.length).toBeLessThanOrEqual(20); // of hundreds; a busy machine makes some slow by itself
  });
});

describe("the circuit before a server that was killed", () => {
  test("opens, and closes when it is back, with its connection", async () => {
    const server = await startedRedis();
    const { cache, states } = watched({ location: server.url() });
    await cache.set("key", 1);
    await server.kill();
    await until("it has opened", async () => {
      await cache.get("key").catch(() => undefined);
      return states() === "open";
    });
    await server.restart();
    await until("it has closed", () => states() === "open,closed");
    expect(await cache.set("key", 2)).toBe(true);
  });

  test("does not open for one loss of the connection, however many calls it hits", async () => {
    const server = await startedRedis();
    const { cache, told } = watched({ location: server.url() });
    await cache.set("key", 1);
    for (let round = 0; round < 4; round++) {
      const calls = Array.from({ length: 50 }, () => cache.incr("key").catch(() => 0));
      await server.cli("CLIENT", "KILL", "TYPE", "normal");
      await Promise.all(calls);
      await until("it serves", () => cache.ping().catch(() => false));
    }
    expect(told).toEqual([]);
  });
});

test("a slow server that answers in time opens no circuit", async () => {
  const server = await startedRedis();
  const proxy = await startedProxy(server);
  const { cache, told } = watched({ location: proxy.url(), commandTimeout: "2s" });
  await cache.set("key", 1);
  proxy.inject({ kind: "latency", ms: 100, jitterMs: 50 });
  for (let round = 0; round < 5; round++) await failTogether(cache, 50);
  expect(await cache.get("key")).toBe(1);
  expect(told).toEqual([]);
});

test("a slow server that answers too late opens it, and is not taken for a silent one at once", async () => {
  const server = await startedRedis();
  const proxy = await startedProxy(server);
  const { cache, states } = watched({ location: proxy.url() });
  await cache.set("key", 1);
  proxy.inject({ kind: "latency", ms: 120 });
  const calls: Promise<unknown>[] = [];
  for (let call = 0; call < 100; call++) {
    calls.push(cache.get("key").catch(() => 0));
    await wait(2);
  }
  await Promise.all(calls);
  expect(states()).toMatch(/^open/);
});
