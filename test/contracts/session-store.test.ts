import { setTimeout as wait } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import { isStoreFailure, SessionInterruptedError } from "../../src/contracts/errors.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import type {
  SessionLayout,
  SessionStore,
  SessionStoreOptions,
} from "../../src/contracts/session-store.ts";
import { createCache } from "../../src/create-cache.ts";
import { openSessionStore } from "../../src/sessions/index.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { failureOf } from "../support/failure.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";
import { testSessionStoreContract } from "./session-store-contract.ts";

const hour = { lifetimeMs: 3_600_000 };
const layouts: readonly SessionLayout[] = ["merged", "connect-redis"];

const ways: readonly (readonly [string, CacheOptions])[] = [
  ["in Redis", {}],
  [
    "in Redis, compressed, in MessagePack",
    { serializer: "msgpack", compressor: "gzip", compressMinBytes: 1 },
  ],
];

for (const layout of layouts) {
  for (const [name, options] of ways) {
    describe(`sessions ${name}`, () => {
      let location: string;

      beforeAll(async () => {
        location = sharedUrl(await freshDatabase());
      });

      testSessionStoreContract(
        { describe, test },
        {
          name: `${layout}, ${name}`,
          layout,
          open: async () => {
            const cache = createCache({ location, commandTimeout: "5s", ...options });
            await cache.flushDatabase();
            return cache;
          },
          pass: async (ms) => {
            await wait(ms);
          },
        },
      );
    });
  }
}

describe.each(layouts)("a %s session store and its Redis", (layout) => {
  async function open(options: Partial<SessionStoreOptions> = {}, cacheOptions: CacheOptions = {}) {
    const server = await startedRedis();
    const cache = openCache({ location: server.url(), ...cacheOptions });
    return { server, cache, store: openSessionStore({ cache, layout, ...options }) };
  }

  async function keysOf(server: RedisServer): Promise<string[]> {
    return (await server.cli("KEYS", "*")).split("\n").filter((key) => key !== "");
  }

  test("what holds another type is no session, and the cache tells of it", async () => {
    const { server, cache, store } = await open();
    await store.set("id", { name: "Ann" }, hour);
    const [key = ""] = await keysOf(server);
    await server.cli("DEL", key);
    await server.cli("RPUSH", key, "item");
    const told: string[] = [];
    cache.on("error", ({ operation }) => told.push(operation));
    expect(await store.get("id")).toBeUndefined();
    expect(told).toEqual(["sessions.load"]);
  });

  test("nothing is left of a session once it has ended", async () => {
    const { server, store } = await open();
    await store.set("brief", { name: "Ann" }, { lifetimeMs: 100 });
    const base = await store.set("destroyed", { name: "Bob" }, hour);
    await store.destroy("destroyed");
    await expect(store.set("destroyed", { name: "Eve" }, { ...hour, base })).rejects.toThrow(
      SessionInterruptedError,
    );
    await wait(150);
    expect(await keysOf(server)).toEqual([]);
  });

  test("no session is stored for ever", async () => {
    const { server, store } = await open();
    const base = await store.set("id", { name: "Ann" }, hour);
    await store.set("id", { name: "Bob" }, { ...hour, base });
    await store.touch("id", { lifetimeMs: 60_000 });
    for (const key of await keysOf(server)) {
      expect(Number(await server.cli("PTTL", key))).toBeGreaterThan(0);
    }
  });

  test.each<[string, (store: SessionStore) => Promise<unknown>]>([
    ["get", (store) => store.get("id")],
    ["set", (store) => store.set("id", { name: "Ann" }, hour)],
    ["touch", (store) => store.touch("id", hour)],
    ["destroy", (store) => store.destroy("id")],
    ["all", (store) => store.all()],
    ["count", (store) => store.count()],
    ["clear", (store) => store.clear()],
  ])("%s rejects in time where Redis is gone, whatever the cache ignores", async (_verb, call) => {
    const cacheOptions = { commandTimeout: "300ms", ignoreErrors: true };
    const { server, store } = await open({}, cacheOptions);
    await store.count();
    await server.kill();
    const { error, tookMs } = await failureOf(() => call(store));
    expect(isStoreFailure(error)).toBe(true);
    expect(tookMs).toBeLessThan(2_000);
  });

  test("reading, storing, touching and destroying are one round trip each", async () => {
    const { server, store } = await open();
    const write = (name: string) => store.set("id", { name }, hour);
    await write("Ann");
    await store.set("id", { name: "Bob" }, { ...hour, base: await write("Ann") });
    await store.get("id");
    await store.touch("id", { lifetimeMs: 60_000 });
    await store.destroy("id"); // by now every script is loaded
    const log = await CommandLog.of(server);
    expect(await log.during(() => write("Ann"))).toHaveLength(1);
    const found = await store.get("id");
    const base = found?.base;
    const commandsPerRead = layout === "merged" ? 1 : 2; // sent at once
    expect(await log.during(() => store.get("id"))).toHaveLength(commandsPerRead);
    expect(
      await log.during(() => store.set("id", { name: "Bob" }, { ...hour, base })),
    ).toHaveLength(1);
    expect(await log.during(() => store.touch("id", { ...hour, base }))).toEqual([]);
    expect(await log.during(() => store.touch("id", { lifetimeMs: 1_000 }))).toHaveLength(1);
    expect(await log.during(() => store.destroy("id"))).toHaveLength(1);
  });
});

test("merged sessions leave no id in Redis", async () => {
  const server = await startedRedis();
  const cache = openCache({ location: server.url() });
  await openSessionStore({ cache }).set("a-secret-id", { name: "Ann" }, hour);
  const [key = ""] = (await server.cli("KEYS", "*")).split("\n");
  expect(key).toMatch(/sess:[0-9a-f]{64}$/);
  expect(await server.cli("HGETALL", key)).not.toContain("a-secret-id");
});

test("the layout of connect-redis is a text under the prefix and the id", async () => {
  const server = await startedRedis();
  const cache = openCache({ location: server.url(), keyPrefix: "app" });
  const store = openSessionStore({ cache, layout: "connect-redis", prefix: "my:" });
  await store.set("id", { name: "Ann" }, hour);
  expect(await server.cli("GET", "my:id")).toBe('{"name":"Ann"}');
  await server.cli("SET", "my:other", '{"name":"Bob"}', "EX", "100");
  expect((await store.get("other"))?.data).toEqual({ name: "Bob" });
});
