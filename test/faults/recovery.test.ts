import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { startFaultProxy } from "../../src/testing/fault-proxy.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { startedProxy } from "../support/proxies.ts";
import { connectionsOf, startedRedis, statOf } from "../support/servers.ts";
import { createTlsCertificates } from "../support/tls-certificates.ts";
import { until } from "../support/until.ts";

function block(ms: number): void {
  const endAtMs = performance.now() + ms;
  while (performance.now() < endAtMs);
}

describe("a server that is far away, or slow, and healthy", () => {
  test("is used again after a lost connection, though connecting takes longer than a call may", async () => {
    const proxy = await startedProxy(await startedRedis());
    const cache = openCache({ location: proxy.url() });
    await cache.set("key", 1);
    proxy.inject({ kind: "latency", ms: 300 });
    expect(await cache.get("key")).toBe(1);
    proxy.disconnect();
    await until("it is", async () => (await cache.get("key").catch(() => 0)) === 1, 8_000);
    expect(await cache.get("key")).toBe(1);
    expect(proxy.accepted).toBeLessThan(5);
  });

  test("answers calls of very many keys, each command in its time", async () => {
    const cache = openCache({ location: (await startedRedis()).url() });
    const value = "x".repeat(2_000);
    const entries = Array.from({ length: 40_000 }, (_, i) => [`key ${i}`, value] as const);
    const keys = entries.map(([key]) => key);
    expect(await cache.setMany(entries)).toEqual([]);
    expect((await cache.getMany(keys)).size).toBe(keys.length);
    expect(await cache.deleteMany(keys)).toBe(keys.length);
    expect(cache.stats().circuit).toBe("closed");
  });

  test("takes calls of more keys than a function takes arguments", async () => {
    const cache = openCache({ location: (await startedRedis()).url() });
    const entries = Array.from({ length: 200_000 }, (_, i) => [`key ${i}`, i] as const);
    expect(await cache.setMany(entries)).toEqual([]);
    expect(await cache.deleteMany(entries.map(([key]) => key))).toBe(entries.length);
  });
});

describe("an event loop that was blocked for longer than commandTimeout", () => {
  test("costs no call, and no connection", async () => {
    const cache = openCache({ location: (await startedRedis()).url() });
    await cache.set("count", 0);
    const told: string[] = [];
    for (const name of ["disconnect", "circuit"] as const) cache.on(name, () => told.push(name));
    await wait(50); // what follows a timer is sent only after other timers
    const calls = Array.from({ length: 20 }, () => cache.incr("count"));
    for (let hop = 0; hop < 20; hop++) await Promise.resolve(); // they are with the client, and not sent yet
    block(800);
    expect((await Promise.all(calls)).at(-1)).toBe(20);
    expect(told).toEqual([]);
  });

  test("costs no first call, where it was blocked for longer than connectTimeout", async () => {
    const location = (await startedRedis()).url();
    await openCache({ location }).ping(); // the client is loaded
    const cache = openCache({ location, connectTimeout: "300ms" });
    const call = cache.set("key", 1);
    await new Promise(setImmediate); // it connects
    block(600);
    expect(await call).toBe(true);
  });
});

test("an attempt to connect that was given up leaves no connection behind when it succeeds after all", async () => {
  const directory = await mkdtemp(join(tmpdir(), "cachewell-tls-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const certificates = await createTlsCertificates(directory);
  const server = await startedRedis({ tls: { certificates } });
  const proxy = await startFaultProxy({ port: server.tlsPort });
  onTestFinished(() => proxy.stop());
  proxy.inject({ kind: "latency", ms: 350 });
  const cache = openCache({
    location: `rediss://localhost:${proxy.port}`,
    tls: { ca: certificates.ca },
    connectTimeout: "200ms",
  });
  for (let attempt = 0; attempt < 3; attempt++) {
    await failureOf(() => cache.get("key"));
    await wait(300);
  }
  await cache.close();
  const accepted = proxy.accepted;
  await wait(1_000);
  expect(accepted).toBeGreaterThan(1);
  expect([proxy.open, proxy.accepted]).toEqual([0, accepted]);
});

test("a hundred clients of a server that is restarted come back once each", async () => {
  const server = await startedRedis();
  const caches = Array.from({ length: 100 }, (_, i) =>
    openCache({ location: server.url(), ignoreErrors: true, maxPending: 1_000 + i }),
  );
  await Promise.all(caches.map((cache) => cache.ping()));
  await server.kill();
  for (let round = 0; round < 20; round++) {
    await Promise.all(caches.map((cache) => cache.ping()));
    await wait(50);
  }
  await server.restart();
  await server.cli("CONFIG", "RESETSTAT");
  await Promise.all(caches.map((cache) => until("it serves", () => cache.ping())));
  const received = await statOf(server, "total_connections_received");
  expect(await connectionsOf(server)).toBe(100);
  expect(received).toBeLessThan(120);
});

test("a circuit closes for a server that is back and refuses: its no is told to every call", async () => {
  const server = await startedRedis();
  await server.cli("ACL", "SETUSER", "ada", "on", ">pw", "~*", "+@all");
  const location = `redis://ada:pw@127.0.0.1:${server.port}`;
  const cache = openCache({ location, ignoreErrors: true });
  await cache.set("key", 1);
  await server.kill();
  await until("the circuit is open", async () => {
    await cache.get("key");
    return cache.stats().circuit === "open";
  });
  await server.restart(); // it knows no such user any more
  await until("the circuit is closed", () => cache.stats().circuit === "closed");
  for (let call = 0; call < 5; call++) {
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toMatchObject({ code: "SERVER_REFUSED", reason: "WRONGPASS" });
  }
});

describe("while there is no connection to be had", () => {
  test("rawClient waits no longer than a call", async () => {
    const server = await startedRedis();
    const options = { commandTimeout: "100ms", circuitBreaker: false } as const;
    const cache = openCache({ location: server.url(), ...options });
    await cache.set("key", 1);
    server.freeze();
    await failureOf(() => cache.get("key"));
    const { error, tookMs } = await failureOf(() => cache.rawClient());
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(tookMs).toBeLessThan(1_000);
  });

  test("rawClient fails at once while the circuit is open", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), commandTimeout: "5s", connectTimeout: "5s" });
    await cache.set("key", 1);
    await server.kill();
    await until("it is open", async () => {
      await cache.get("key").catch(() => 0);
      return cache.stats().circuit === "open";
    });
    const { error, tookMs } = await failureOf(() => cache.rawClient());
    expect((error as Error).message).toContain("circuit is open");
    expect(tookMs).toBeLessThan(1_000);
  });

  test("close does not wait for an attempt to connect", async () => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    proxy.inject({ kind: "blackhole" });
    const timeouts = { connectTimeout: "100ms", commandTimeout: "60s" } as const;
    const cache = openCache({ location: proxy.url(), ...timeouts });
    await failureOf(() => cache.get("key")); // the attempt goes on: a sign-in may take a minute
    const startedMs = performance.now();
    await cache.close();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
    await until("it is given up", () => proxy.open === 0);
  });
});

describe("a lock whose release was not answered", () => {
  test("is not held any more as far as can be known, and may be released again", async () => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    const options = { commandTimeout: "100ms" } as const;
    const cache = openCache({ location: proxy.url(), ...options });
    await (await cache.lock("other", { ttl: 5 })).release(); // its scripts are known now
    const lock = await cache.lock("door", { ttl: "1m" });
    proxy.inject({ kind: "half-open" });
    const { error } = await failureOf(() => lock.release());
    expect(error).toMatchObject({ maybeApplied: true });
    expect(lock.isHeld()).toBe(false);
    proxy.heal();
    await until("it serves", () => cache.ping().catch(() => false));
    expect(await lock.release()).toBe(false);
  });

  test("is still held where the release was never sent", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), commandTimeout: "100ms" });
    const lock = await cache.lock("door", { ttl: "1m" });
    server.freeze();
    await Promise.all(Array.from({ length: 10 }, () => cache.get("key").catch(() => 0)));
    const { error } = await failureOf(() => lock.release());
    expect(error).toMatchObject({ maybeApplied: false });
    expect(lock.isHeld()).toBe(true);
    server.thaw();
    await until("it serves", () => cache.ping().catch(() => false));
    expect(await lock.release()).toBe(true);
  });
});
