import { setTimeout as wait } from "node:timers/promises";
import { beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import type { CacheError } from "../../src/contracts/errors.ts";
import type { FaultProxy } from "../../src/testing/fault-proxy.ts";
import type { Fault } from "../../src/testing/faults.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { startedProxy } from "../support/proxies.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

const timeoutMs = 100;
/** What a busy test machine may add. */
const slackMs = 1_000;

let server: RedisServer;
let proxy: FaultProxy;
let cache: Cache;

beforeEach(async () => {
  server = await startedRedis();
  proxy = await startedProxy(server);
  cache = openCache({ location: proxy.url(), commandTimeout: `${timeoutMs}ms` });
  await cache.set("key", "value");
});

async function served(): Promise<void> {
  await until("it serves", async () => (await cache.get("key").catch(() => 0)) === "value");
}

const large = "x".repeat(200_000);

const faults: readonly Fault[] = [
  { kind: "blackhole" },
  { kind: "half-open" },
  { kind: "reset" },
  { kind: "cut", afterBytes: 0 },
  { kind: "cut", afterBytes: 3 },
  { kind: "cut", afterBytes: 100_000 },
  { kind: "garbage" },
  { kind: "drip", bytes: 10, everyMs: 20 },
  { kind: "latency", ms: 5_000 },
];

describe.each(faults)("a link with the fault %j", (fault) => {
  test("fails a read within commandTimeout, nothing applied, and serves once it is healed", async () => {
    await cache.set("large", large);
    proxy.inject(fault);
    const { error, tookMs } = await failureOf(() => cache.get("large"));
    expect(["COMMAND_TIMEOUT", "STORE_UNAVAILABLE"]).toContain((error as CacheError).code);
    expect(error).toMatchObject({ maybeApplied: false });
    expect(tookMs).toBeLessThan(timeoutMs + slackMs);
    proxy.heal();
    await served();
    expect(await cache.get("large")).toBe(large);
  });

  test("fails every call of many that were under way, and gives none another's answer", async () => {
    const keys = Array.from({ length: 200 }, (_, i) => `key ${i}`);
    await cache.setMany(keys.map((key) => [key, key.repeat(500)] as const));
    proxy.inject(fault);
    const reads = keys.map(async (key) => ({ key, value: await cache.get(key).catch(() => 0) }));
    for (const { key, value } of await Promise.all(reads)) {
      expect([0, key.repeat(500)]).toContain(value);
    }
    proxy.heal();
    await served();
    for (const key of keys) expect(await cache.get(key)).toBe(key.repeat(500));
  });
});

describe("a link that went dead without a word", () => {
  test("is dropped after commandTimeout, and the next calls take a new one", async () => {
    proxy.inject({ kind: "blackhole" });
    const startedMs = performance.now();
    await failureOf(() => cache.get("key"));
    await until("the client has hung up", () => proxy.open === 0 || proxy.accepted > 1);
    expect(performance.now() - startedMs).toBeLessThan(timeoutMs + slackMs);
    proxy.heal();
    await served();
    expect(proxy.accepted).toBeGreaterThan(1);
  });

  test("is found while idle, by a ping, before a call has to", async () => {
    const told: unknown[] = [];
    cache.on("disconnect", ({ cause }) => told.push(cause));
    proxy.inject({ kind: "blackhole" });
    await until("it is found", () => told.length === 1, 15_000);
    expect(String(told[0])).toContain("silent");
    proxy.heal();
    expect(await cache.get("key")).toBe("value");
  });

  test("is not found where there is none: an idle link stays", async () => {
    const told: unknown[] = [];
    cache.on("disconnect", (event) => told.push(event));
    await wait(6_000);
    expect([told, proxy.accepted]).toEqual([[], 1]);
    expect(await cache.get("key")).toBe("value");
  });
});

describe("replies lost after execution", () => {
  test("count no call twice, and every failure says that it may have been applied", async () => {
    const impatient = openCache({
      location: proxy.url(),
      commandTimeout: "25ms",
      circuitBreaker: false,
    });
    await impatient.set("count", 0);
    const answered: number[] = [];
    const failures: unknown[] = [];
    let made = 0;
    for (let round = 0; round < 20; round++) {
      await until("it serves", () => impatient.ping().catch(() => false));
      if (round % 2 === 1) proxy.inject({ kind: "half-open" });
      const calls = Array.from({ length: 10 }, () => impatient.incr("count"));
      made += calls.length;
      for (const outcome of await Promise.allSettled(calls)) {
        if (outcome.status === "fulfilled") answered.push(Number(outcome.value));
        else failures.push(outcome.reason);
      }
      proxy.heal();
    }
    const count = Number(await server.cli("GET", impatient.storedKey("count")));
    expect(failures).toHaveLength(100);
    for (const error of failures) expect(error).toMatchObject({ maybeApplied: true });
    expect(answered.length).toBe(100);
    expect(new Set(answered).size).toBe(answered.length);
    expect(count).toBeGreaterThanOrEqual(answered.length);
    expect(count).toBeLessThanOrEqual(made);
  });
});

test("a handshake that is not answered is bounded by commandTimeout, too", async () => {
  proxy.inject({ kind: "half-open" });
  await failureOf(() => cache.get("key"));
  const { error, tookMs } = await failureOf(() => cache.get("key")); // it has to connect anew
  expect((error as CacheError).code).toBe("STORE_UNAVAILABLE");
  expect(tookMs).toBeLessThan(timeoutMs + slackMs);
});

test("deadlines are kept while the loop is blocked: what has arrived is read first", async () => {
  const read = cache.get("key");
  await wait(5); // it is sent, and answered by now
  const endAtMs = performance.now() + 3 * timeoutMs;
  while (performance.now() < endAtMs); // the answer waits in the socket meanwhile
  expect(await read).toBe("value");
});

test("a read that timed out keeps no place, nor the answer that comes for it", async () => {
  const narrow = openCache({
    location: proxy.url(),
    commandTimeout: "50ms",
    maxPending: 5,
    circuitBreaker: false,
  });
  await narrow.set("key", "value");
  proxy.inject({ kind: "latency", ms: 80 });
  for (let round = 0; round < 3; round++) {
    const reads = Array.from({ length: 5 }, () => failureOf(() => narrow.get("key")));
    for (const { error } of await Promise.all(reads)) {
      expect(error).not.toMatchObject({ code: "OVERLOADED" });
    }
  }
});
