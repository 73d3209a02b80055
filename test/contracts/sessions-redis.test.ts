import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { ErrorEvent } from "../../src/contracts/events.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { freshPrefix, sharedUnixUrl, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { testSessionContract } from "./session-contract.ts";

const ways: readonly (readonly [string, () => CacheOptions])[] = [
  ["redis", () => ({ location: sharedUrl() })],
  [
    "redis, compressed, in MessagePack, by its socket",
    () => ({
      location: sharedUnixUrl(),
      serializer: "msgpack",
      compressor: "gzip",
      compressMinBytes: 1,
    }),
  ],
];

for (const [name, optionsOf] of ways) {
  testSessionContract(
    { describe, test: test.concurrent }, // rules wait in real time: run them in parallel
    {
      name,
      clock: systemClock,
      open: async (options) =>
        createCache({
          commandTimeout: "5s",
          ...optionsOf(),
          ...options,
          keyPrefix: `${freshPrefix()}${options?.keyPrefix ?? ""}`,
        }),
      pass: async (ms) => {
        await wait(ms);
      },
    },
  );
}

describe("sessions in Redis", () => {
  test("after their lifetime nothing is left: no session, no trace of an old id, no user", async () => {
    const server = await startedRedis();
    const sessions = createSessions({ cache: openCache({ location: server.url() }), ttl: "1s" });
    const session = await sessions.load(undefined);
    await session.set("userId", 42).save();
    await session.set("userId", 43).save();
    expect(Number(await server.cli("DBSIZE"))).toBe(3);
    await until("nothing is left", async () => (await server.cli("DBSIZE")) === "0");
  });

  test("the trace of an old id outlasts no more than five minutes", async () => {
    const server = await startedRedis();
    const sessions = createSessions({ cache: openCache({ location: server.url() }) });
    const session = await sessions.load(undefined);
    await session.set("name", "Ann").save();
    const key = await server.cli("KEYS", "*");
    await session.regenerate();
    const leftMs = Number(await server.cli("PTTL", key));
    expect(leftMs).toBeGreaterThan(200_000);
    expect(leftMs).toBeLessThanOrEqual(300_000);
  });

  test("every key of sessions has an end", async () => {
    const server = await startedRedis();
    const sessions = createSessions({ cache: openCache({ location: server.url() }) });
    const session = await sessions.load(undefined);
    await session.set("userId", 42).save();
    await session.regenerate();
    session.setExpiry("30d");
    await session.save();
    const keys = (await server.cli("KEYS", "*")).split("\n");
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(Number(await server.cli("PTTL", key))).toBeGreaterThan(0);
  });

  test.each([
    ["a text", ["SET", "text"]],
    ["a list", ["RPUSH", "item"]],
    ["a set", ["SADD", "item"]],
  ])(
    "%s where a session should be: an empty session, told as an error",
    async (_, [verb = "", value = ""]) => {
      const server = await startedRedis();
      const cache = openCache({ location: server.url() });
      const told: ErrorEvent[] = [];
      cache.on("error", (event) => told.push(event));
      const sessions = createSessions({ cache });
      const session = await sessions.load(undefined);
      await session.set("name", "Ann").save();
      const key = await server.cli("KEYS", "*");
      await server.cli("DEL", key);
      await server.cli(verb, key, value);
      const found = await sessions.load(session.id);
      expect([found.id, found.isEmpty]).toEqual([undefined, true]);
      expect(told.map(({ operation, error }) => [operation, (error as Error).name])).toEqual([
        ["sessions.load", "WrongTypeError"],
      ]);
      await found.set("name", "Bob").save();
      expect(found.id).not.toBe(session.id);
    },
  );

  test("a hash that is no session: an empty session, and it stays as it was", async () => {
    const server = await startedRedis();
    const sessions = createSessions({ cache: openCache({ location: server.url() }) });
    const session = await sessions.load(undefined);
    await session.set("name", "Ann").save();
    const key = await server.cli("KEYS", "*");
    await server.cli("DEL", key);
    await server.cli("HSET", key, "data:name", '"Eve"');
    expect((await sessions.load(session.id)).isEmpty).toBe(true);
    await expect(session.set("city", "Rome").save()).rejects.toThrow("destroyed");
    expect(await server.cli("HGETALL", key)).toBe('data:name\n"Eve"');
  });
});
