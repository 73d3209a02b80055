import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { type CacheError, CommandTimeoutError } from "../../src/contracts/errors.ts";
import { createCache } from "../../src/create-cache.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { startedTcp } from "../support/servers.ts";
import { until } from "../support/until.ts";

const timeoutMs = 80;
/** What a busy test machine may add. */
const slackMs = 1_000;

type Call = (cache: Cache) => Promise<unknown>;

const reads: readonly (readonly [string, Call])[] = [
  ["get", (cache) => cache.get("key")],
  ["getOrThrow", (cache) => cache.getOrThrow("key")],
  ["getMany", (cache) => cache.getMany(["key", "other"])],
  ["has", (cache) => cache.has("key")],
  ["ttl", (cache) => cache.ttl("key")],
  ["pttl", (cache) => cache.pttl("key")],
  ["keys", (cache) => cache.keys("*")],
  ["iterKeys", (cache) => cache.iterKeys("*").next()],
  ["ping", (cache) => cache.ping()],
  ["getOrSet, reading", (cache) => cache.getOrSet("key", () => 1)],
  ["getOrSetMany, reading", (cache) => cache.getOrSetMany(["key"], () => new Map())],
  ["deletePattern, looking for keys", (cache) => cache.deletePattern("*")],
];

const writes: readonly (readonly [string, Call])[] = [
  ["set", (cache) => cache.set("key", 1)],
  ["set keepTtl", (cache) => cache.set("key", 1, { keepTtl: true })],
  ["set, over", (cache) => cache.set("key", 1, { ttl: 0 })],
  ["add", (cache) => cache.add("key", 1)],
  ["setMany", (cache) => cache.setMany({ key: 1, other: 2 })],
  ["delete", (cache) => cache.delete("key")],
  ["deleteMany", (cache) => cache.deleteMany(["key", "other"])],
  ["take", (cache) => cache.take("key")],
  ["incr", (cache) => cache.incr("key")],
  ["decr", (cache) => cache.decr("key")],
  ["touch", (cache) => cache.touch("key")],
  ["touch for ever", (cache) => cache.touch("key", null)],
  ["persist", (cache) => cache.persist("key")],
  ["expire", (cache) => cache.expire("key", 10)],
  ["expireAt", (cache) => cache.expireAt("key", 4_000_000_000)],
  ["pexpire", (cache) => cache.pexpire("key", 10)],
  ["pexpireAt", (cache) => cache.pexpireAt("key", 4_000_000_000_000)],
  ["incrVersion", (cache) => cache.incrVersion("key")],
  ["decrVersion", (cache) => cache.decrVersion("key")],
  ["flushDatabase", (cache) => cache.flushDatabase()],
  ["lock", (cache) => cache.lock("key", { ttl: 1, wait: 0 })],
];

describe("a server that froze", () => {
  let server: RedisServer;
  let cache: Cache;

  beforeAll(async () => {
    server = await startRedisServer();
    cache = createCache({ location: server.url(), commandTimeout: `${timeoutMs}ms` });
  });

  beforeEach(async () => {
    await until("it serves", () => cache.set("key", 1).catch(() => false));
    server.freeze();
  });

  afterEach(() => {
    server.thaw();
  });

  afterAll(async () => {
    await cache.close();
    await server.stop();
  });

  test.each(reads)("%s ends within commandTimeout, nothing applied", async (_method, call) => {
    const { error, tookMs } = await failureOf(() => call(cache));
    expect(error).toBeInstanceOf(CommandTimeoutError);
    expect(error).toMatchObject({ code: "COMMAND_TIMEOUT", timeoutMs, maybeApplied: false });
    expect(tookMs).toBeLessThan(timeoutMs + slackMs);
  });

  test.each(writes)("%s ends within commandTimeout, maybe applied", async (_method, call) => {
    const { error, tookMs } = await failureOf(() => call(cache));
    expect(error).toBeInstanceOf(CommandTimeoutError);
    expect(error).toMatchObject({ code: "COMMAND_TIMEOUT", timeoutMs, maybeApplied: true });
    expect(tookMs).toBeLessThan(timeoutMs + slackMs);
  });

  test("a thousand calls end together, within commandTimeout", async () => {
    const calls = Array.from({ length: 1_000 }, (_, i) => failureOf(() => cache.get(`key ${i}`)));
    const failures = await Promise.all(calls);
    // The first to give up gives the connection up, and with it whoever else waits on it: on a busy
    // machine that may be any of them.
    const codes = new Set(failures.map(({ error }) => (error as CacheError).code));
    expect(["COMMAND_TIMEOUT", "STORE_UNAVAILABLE"]).toEqual(expect.arrayContaining([...codes]));
    expect(Math.max(...failures.map(({ tookMs }) => tookMs))).toBeLessThan(timeoutMs + 2 * slackMs);
  });

  test("an answer that comes too late reaches no other caller", async () => {
    const lost = Array.from({ length: 50 }, (_, i) => failureOf(() => cache.set(`late ${i}`, i)));
    await Promise.all(lost);
    server.thaw();
    await until("it serves", () => cache.ping().catch(() => false));
    const keys = Array.from({ length: 50 }, (_, i) => `mine ${i}`);
    await cache.setMany(keys.map((key) => [key, key] as const));
    const values = await Promise.all(keys.map((key) => cache.get(key)));
    expect(values).toEqual(keys);
  });

  test("it serves again once it thaws, without a new cache", async () => {
    await failureOf(() => cache.get("key"));
    server.thaw();
    await until("it serves", () => cache.ping().catch(() => false));
    expect(await cache.get("key")).toBe(1);
  });

  test("a write that timed out is not sent again", async () => {
    await failureOf(() => cache.incr("count once", 1, { ifMissing: "create" }));
    server.thaw();
    await until("it serves", () => cache.ping().catch(() => false));
    expect([undefined, 1]).toContain(await cache.get("count once"));
  });

  test("a first call that cannot be answered is bounded by both timeouts together", async () => {
    const other = openCache({ location: server.url(1), connectTimeout: "200ms" });
    const { tookMs } = await failureOf(() => other.get("key"));
    expect(tookMs).toBeLessThan(200 + 100 + slackMs);
  });
});

describe("a link that went dead without a word", () => {
  test("is given up after commandTimeout, and a new one is opened", async () => {
    const server = await startRedisServer();
    let dead = false;
    const port = await startedTcp((near) => {
      const wasDead = dead;
      const far = connect(server.port, "127.0.0.1").on("error", () => undefined);
      const passing = (): boolean => wasDead || !dead;
      near.on("data", (bytes) => passing() && far.write(bytes)).on("close", () => far.destroy());
      far.on("data", (bytes) => passing() && near.write(bytes));
    });
    try {
      const location = `redis://127.0.0.1:${port}`;
      const cache = openCache({ location, commandTimeout: `${timeoutMs}ms` });
      await cache.set("key", 1);
      dead = true; // for the connection there is; a new one would work
      await failureOf(() => cache.get("key"));
      expect(await cache.get("key")).toBe(1);
    } finally {
      await server.stop();
    }
  });
});
