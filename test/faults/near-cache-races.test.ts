import { createClient } from "@redis/client";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { nearStats, trackingClients, untilNear, untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";
import { until } from "../support/until.ts";

/*
 * Another program writes, flushes and cuts connections while this one reads. After a fence, a key
 * that is written last and waited for, nothing older may be read: changes are told in order.
 */

/** How often: a little each time; `CACHEWELL_RACES=100` is a hundred percent, and takes minutes. */
const share = Number(process.env["CACHEWELL_RACES"] ?? 5) / 100;
const rounds = { writes: 100_000 * share, flushes: 1_000 * share, kills: 200 * share };

const timeoutMs = 20_000 + 600_000 * share;
const prefix = "races";

let server: RedisServer;
let cache: Cache;

function newWriter() {
  return createClient({ url: server.url() });
}

let writer: ReturnType<typeof newWriter>;

beforeAll(async () => {
  server = await startRedisServer();
  writer = newWriter();
  await writer.connect();
});

afterAll(async () => {
  writer.destroy();
  await server.stop();
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
  cache = openCache({
    location: server.url(),
    keyPrefix: prefix,
    nearCache: true,
    commandTimeout: "10s",
  });
  await untilTracking(cache);
});

const storedKey = (key: string): string => `${prefix}:1:${key}`;
let fences = 0;

/** Returns what waits for a fence: all that was changed before it has been told. */
async function fence(): Promise<{ passed: () => Promise<void> }> {
  const before = ++fences;
  await writer.set(storedKey("fence"), `${before}`);
  await untilNear(cache, "fence");
  return {
    async passed() {
      const after = ++fences;
      await writer.set(storedKey("fence"), `${after}`);
      await until("the fence is told", async () => (await cache.get("fence")) === after);
    },
  };
}

function pick<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)] as T; // within it
}

describe("nothing old is read after a fence", () => {
  const keys = Array.from({ length: 50 }, (_, index) => `key ${index}`);

  test("however many writes of another program meet how many reads", {
    timeout: timeoutMs,
  }, async () => {
    const perRound = 250;
    const last = new Map<string, number>();
    let stale = 0;
    for (let written = 0; written < rounds.writes; written += perRound) {
      const { passed } = await fence();
      const reads: Promise<unknown>[] = [];
      const writes: Promise<unknown>[] = [];
      for (let one = 0; one < perRound; one++) {
        const key = pick(keys);
        last.set(key, written + one);
        writes.push(writer.set(storedKey(key), `${written + one}`));
        reads.push(cache.get(pick(keys)), cache.getMany([pick(keys), pick(keys)]));
        if (one % 10 === 0) await Promise.all(reads.splice(0));
      }
      await Promise.all([...reads, ...writes]);
      await passed();
      for (const [key, value] of last) if ((await cache.get(key)) !== value) stale += 1;
    }
    expect(stale).toBe(0);
    expect(nearStats(cache).hits).toBeGreaterThan(rounds.writes);
    expect(nearStats(cache).invalidations).toBeGreaterThan(rounds.writes / 100);
  });

  test("however often all is flushed while keys are read", { timeout: timeoutMs }, async () => {
    let stale = 0;
    for (let time = 0; time < rounds.flushes; time++) {
      const some = keys.slice(0, 10);
      await Promise.all(some.map((key) => writer.set(storedKey(key), "1")));
      const { passed } = await fence();
      const reads = some.map((key) => cache.get(key));
      const flushed = writer.flushAll();
      reads.push(...some.map((key) => cache.get(key)), cache.getMany(some));
      await Promise.all([...reads, flushed]);
      await passed();
      for (const key of some) if ((await cache.get(key)) !== undefined) stale += 1;
    }
    expect(stale).toBe(0);
  });

  test("however often the connection over which changes are told is cut", {
    timeout: timeoutMs,
  }, async () => {
    let stale = 0;
    for (let time = 1; time <= rounds.kills; time++) {
      const some = keys.slice(0, 10);
      await Promise.all(some.map((key) => writer.set(storedKey(key), `${time}`)));
      for (const key of some) await cache.get(key);
      const [id = ""] = await trackingClients(server);
      const reads = some.map((key) => cache.get(key));
      const killed = writer.sendCommand(["CLIENT", "KILL", "ID", id]);
      const writes = some.map((key) => writer.set(storedKey(key), `${time}5`));
      await Promise.all([killed, ...writes, ...reads]);
      await until("another connection took its place", async () => {
        await cache.get("read to begin with");
        const [other = id] = await trackingClients(server);
        return other !== id && nearStats(cache).tracking;
      });
      for (const key of some) if ((await cache.get(key)) !== Number(`${time}5`)) stale += 1;
    }
    expect(stale).toBe(0);
  });
});
