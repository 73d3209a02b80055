import { describe, expect, test } from "vitest";
import { OverloadedError } from "../../src/contracts/errors.ts";
import { failureOf } from "../support/failure.ts";
import { untilTracking } from "../support/near.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";

describe("more calls than maxPending", () => {
  test("fail at once, unsent; those under way are not disturbed", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), maxPending: 50 });
    await cache.set("count", 0);
    const calls = Array.from({ length: 80 }, () => cache.incr("count"));
    const outcomes = await Promise.allSettled(calls);
    const refused = outcomes.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(30);
    for (const outcome of refused) {
      expect(outcome).toMatchObject({
        reason: { code: "OVERLOADED", option: "maxPending", max: 50 },
      });
    }
    expect(await cache.get("count")).toBe(50);
  });

  test("a frozen server holds no more than that, and none of it for longer than commandTimeout", async () => {
    const server = await startedRedis();
    const options = { commandTimeout: "100ms", maxPending: 10, circuitBreaker: false } as const;
    const cache = openCache({ location: server.url(), ...options });
    await cache.set("key", 1);
    server.freeze();
    const stuck = Array.from({ length: 10 }, () => failureOf(() => cache.get("key")));
    const { error, tookMs } = await failureOf(() => cache.get("key"));
    expect(error).toBeInstanceOf(OverloadedError);
    expect(tookMs).toBeLessThan(90);
    await Promise.all(stuck);
    const { error: next } = await failureOf(() => cache.get("key"));
    expect(next).not.toBeInstanceOf(OverloadedError);
  });

  test("reads that miss their near cache are calls, each: as many as are free are let in", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), maxPending: 50, nearCache: true });
    await untilTracking(cache);
    const reads = Array.from({ length: 80 }, (_, i) => cache.get(`key ${i % 60}`));
    const outcomes = await Promise.allSettled(reads);
    const served = outcomes.filter(({ status }) => status === "fulfilled");
    expect(served).toHaveLength(50);
    expect(outcomes[79]).toMatchObject({ reason: { option: "maxPending", max: 50 } });
    const again = Array.from({ length: 50 }, (_, i) => cache.get(`other key ${i}`));
    await expect(Promise.all(again)).resolves.toHaveLength(50); // the places are free again
  });

  test("under ignoreErrors they are as not done", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), maxPending: 1, ignoreErrors: true });
    await cache.set("key", 1);
    const [first, second] = await Promise.all([cache.get("key"), cache.get("key")]);
    expect([first, second]).toEqual([1, undefined]);
    expect(cache.stats().ignoredErrors).toBe(1);
  });

  test("a call of many keys is one", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), maxPending: 1 });
    const entries = Array.from({ length: 3_000 }, (_, i) => [`key ${i}`, i] as const);
    expect(await cache.setMany(entries)).toEqual([]);
    expect((await cache.getMany(entries.map(([key]) => key))).size).toBe(3_000);
    expect(await cache.deleteMany(entries.map(([key]) => key))).toBe(3_000);
  });

  test("ten thousand is the usual bound", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), commandTimeout: "10s" });
    await cache.ping();
    const reads = Array.from({ length: 10_001 }, () => cache.get("key"));
    const outcomes = await Promise.allSettled(reads);
    expect(outcomes.map(({ status }) => status === "rejected").lastIndexOf(true)).toBe(10_000);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(1);
  });
});

test("a caller who tries again at once, for ever, does not keep the loop from the answers", async () => {
  const server = await startedRedis();
  const cache = openCache({ location: server.url(), maxPending: 1 });
  await cache.set("key", 1);
  const first = cache.get("key");
  let value: unknown;
  while (value === undefined) value = await cache.get("key").catch(() => undefined);
  expect([await first, value]).toEqual([1, 1]);
});

describe("more bytes than maxPendingBytes", () => {
  test("keep further calls out until they are sent and answered", async () => {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), maxPendingBytes: 10_000 });
    await cache.set("key", 1);
    const large = cache.set("large", "x".repeat(50_000));
    await new Promise(setImmediate); // it has been encoded, and is on its way
    const { error } = await failureOf(() => cache.get("key"));
    expect(error).toMatchObject({ code: "OVERLOADED", option: "maxPendingBytes", max: 10_000 });
    expect(await large).toBe(true);
    expect(await cache.get("key")).toBe(1);
  });
});
