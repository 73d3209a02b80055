import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import { parseRedisLocation } from "../../src/drivers/redis/location/location.ts";
import { shareServer } from "../../src/drivers/redis/topology/shared-servers.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { closedPort, startedRedis, startedTcp } from "../support/servers.ts";

/** How much longer than `connectTimeout` a first call may take, by API.md. */
const graceMs = 100;

/** What a busy test machine may add to that. */
const slackMs = 1_000;

/** Returns the port of a server whose queue of new connections is full: what knocks is not answered. */
async function blackhole(): Promise<number> {
  const server = await startedRedis({ args: ["--tcp-backlog", "1"] });
  process.kill(server.pid, "SIGSTOP");
  for (;;) {
    const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    const connected = new Promise((resolve) => socket.once("connect", () => resolve(true)));
    if (!(await Promise.race([connected, wait(100, false)]))) return server.port;
  }
}

describe("a server that cannot be reached", () => {
  test("is no error before the first command", async () => {
    const port = await closedPort();
    expect(() => openCache({ location: `redis://127.0.0.1:${port}` })).not.toThrow();
  });

  beforeAll(async () => {
    await import("@redis/client"); // what takes its time at first
  });

  test("a closed port rejects the first call at once", async () => {
    const cache = openCache({ location: `redis://127.0.0.1:${await closedPort()}` });
    const { error, tookMs } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ maybeApplied: false, cause: { code: "ECONNREFUSED" } });
    expect(tookMs).toBeLessThan(1_900);
  });

  test("a host that does not exist is an unavailable store", async () => {
    const cache = openCache({ location: "redis://no-such-host.invalid:6379" });
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("a unix socket that does not exist is an unavailable store", async () => {
    const cache = openCache({ location: "unix:///no/such/redis.sock?db=0" });
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ cause: { code: "ENOENT" } });
  });

  test("calls that come together try once, and those right after a failure fail with that", async () => {
    let attempts = 0;
    const port = await startedTcp((socket) => {
      attempts += 1;
      socket.destroy();
    });
    const location = `redis://127.0.0.1:${port}`;
    const cache = openCache({ location, circuitBreaker: false });
    const calls = Array.from({ length: 20 }, () => failureOf(() => cache.get("key")));
    for (const { error } of await Promise.all(calls)) {
      expect(error).toBeInstanceOf(StoreUnavailableError);
    }
    expect(attempts).toBe(1);
    for (let call = 0; call < 500; call++) await failureOf(() => cache.get("key"));
    expect(attempts).toBeLessThan(50);
  });

  test("attempts grow rarer, with or without a circuit", async () => {
    const attempts: number[] = [];
    const port = await startedTcp((socket) => {
      attempts.push(performance.now());
      socket.destroy();
    });
    const location = `redis://127.0.0.1:${port}`;
    const cache = openCache({ location, circuitBreaker: false });
    const endAtMs = performance.now() + 1_500;
    while (performance.now() < endAtMs) {
      await failureOf(() => cache.get("key"));
      await wait(2);
    }
    const pauses = attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));
    expect(pauses.length).toBeGreaterThanOrEqual(4);
    expect(pauses.length).toBeLessThanOrEqual(10);
    expect(Math.max(...pauses.slice(0, 2))).toBeLessThan(Math.max(...pauses.slice(-2)));
  });

  test.each([
    ["accepts and never answers", () => startedTcp(() => undefined), "", {}],
    ["never answers TLS", () => startedTcp(() => undefined), "s", {}],
    ["never answers a sign-in", () => startedTcp(() => undefined), "", { password: "pw" }],
    ["does not even accept", blackhole, "", {}],
  ])("a first call ends within connectTimeout + 100 ms: it %s", async (_it, start, tls, more) => {
    const port = await start();
    const location = `redis${tls}://127.0.0.1:${port}/1`;
    const cache = openCache({ location, connectTimeout: "200ms", commandTimeout: "5s", ...more });
    const { error, tookMs } = await failureOf(() => cache.set("key", 1));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ maybeApplied: false });
    expect(tookMs).toBeGreaterThan(150);
    expect(tookMs).toBeLessThan(200 + graceMs + slackMs);
  });

  test("a first call ends in time although the server falls silent after the handshake", async () => {
    const port = await startedTcp((socket) => {
      socket.on("data", (sent) => {
        if (!sent.includes("key"))
          socket.write("+OK\r\n".repeat(sent.toString().split("*").length - 1));
      });
    });
    const location = `redis://127.0.0.1:${port}`;
    const cache = openCache({ location, connectTimeout: "200ms", commandTimeout: "5s" });
    const { tookMs } = await failureOf(() => cache.get("key"));
    expect(tookMs).toBeLessThan(200 + graceMs + slackMs);
  });

  test("a server that speaks another protocol is an unavailable store", async () => {
    const port = await startedTcp((socket) => {
      socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const { error } = await failureOf(() =>
      openCache({ location: `redis://127.0.0.1:${port}` }).get("key"),
    );
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("closing while a silent server is being connected to ends in time", async () => {
    const port = await startedTcp(() => undefined);
    const cache = openCache({ location: `redis://127.0.0.1:${port}`, connectTimeout: "200ms" });
    const call = failureOf(() => cache.get("key"));
    const startedMs = performance.now();
    await cache.close();
    expect(performance.now() - startedMs).toBeLessThan(200 + graceMs + slackMs);
    expect((await call).error).toBeInstanceOf(StoreUnavailableError);
  });

  test("closing gives up an attempt to connect, which is told in one sentence", async () => {
    const port = await startedTcp(() => undefined);
    const server = shareServer({
      ...parseRedisLocation(`redis://127.0.0.1:${port}`),
      connectTimeoutMs: 5_000,
      commandTimeoutMs: 5_000,
      circuit: { threshold: 5, cooldownMs: 1_000 },
      maxCalls: 10,
      maxBytes: 1_000,
    });
    const attempt = failureOf(() => server.connection.open());
    await new Promise(setImmediate);
    await server.release();
    const { message } = (await attempt).error as Error;
    expect(message).toBe("The store is unavailable (connect): the connection was closed.");
  });

  test("a timeout longer than a timer can run is a long one, not none", async () => {
    const server = await startedRedis();
    const month = { connectTimeout: "30d", commandTimeout: "30d" };
    const cache = openCache({ location: server.url(), ...month });
    expect(await cache.set("key", 1)).toBe(true);
    expect(await cache.get("key")).toBe(1);
  });
});
