import { createClient, createClientPool, createCluster, createSentinel } from "@redis/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { CommandTimeoutError, StoreUnavailableError } from "../../src/contracts/errors.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { basicApi } from "../support/basic-api.ts";
import { failureOf } from "../support/failure.ts";
import { freshPrefix } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { connectionsOf } from "../support/servers.ts";

/** What a node-redis client can do that these tests need, whatever its types are. */
interface UsersClient {
  readonly isReady: boolean;
  readonly isOpen: boolean;
  on(event: "error", listener: (error: unknown) => void): unknown;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(command: readonly string[]): Promise<unknown>;
}

/** Ways in which users set up their clients, each with something that could get in a cache's way. */
const clients: Readonly<Record<string, (url: string) => unknown>> = {
  "no options": (url) => createClient({ url }),
  "RESP 3": (url) => createClient({ url, RESP: 3 }),
  "RESP 2": (url) => createClient({ url, RESP: 2 }),
  "buffers and strings for numbers by typeMapping": (url) =>
    createClient({
      url,
      RESP: 3,
      commandOptions: { typeMapping: { 36: Buffer, 43: Buffer, 58: String } },
    }),
  "a view with a typeMapping": (url) => createClient({ url }).withTypeMapping({ 36: Buffer }),
  "a timeout of its own": (url) => createClient({ url, commandOptions: { timeout: 5 } }),
  "no queue while offline": (url) => createClient({ url, disableOfflineQueue: true }),
  "a queue of 3 commands": (url) => createClient({ url, commandsQueueMaxLength: 3_000 }),
  "pings of its own": (url) => createClient({ url, pingInterval: 20 }),
};

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a client of the user's", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterAll(async () => {
    await server.stop();
  });

  async function connected(make: (url: string) => unknown): Promise<UsersClient> {
    const client = make(server.url(1)) as UsersClient; // the subset above
    client.on("error", () => undefined);
    await client.connect();
    onTestFinished(() => {
      if (client.isOpen) client.destroy();
    });
    return client;
  }

  function cacheOver(client: unknown): Cache {
    return openCache({ client, keyPrefix: freshPrefix() });
  }

  describe.each(Object.entries(clients))("with %s", (_setup, make) => {
    test("serves the whole basic API, and is not closed", async () => {
      const client = await connected(make);
      const cache = cacheOver(client);
      for (const [, use] of basicApi) await use(cache);
      await cache.close();
      expect(client.isReady).toBe(true);
      expect(await connectionsOf(server)).toBe(1);
    });
  });

  const others: readonly (readonly [string, () => unknown])[] = [
    ["a cluster", () => createCluster({ rootNodes: [{ url: "redis://127.0.0.1:1" }] })],
    [
      "a sentinel",
      () => createSentinel({ name: "x", sentinelRootNodes: [{ host: "x", port: 1 }] }),
    ],
    ["a pool", () => createClientPool()],
    ["a transaction", () => createClient().multi()],
  ];

  test.each(others)("may not be %s of @redis/client yet", (_what, make) => {
    expect(errorOf(() => openCache({ client: make() }))).toMatchObject({
      code: "CONFIGURATION",
      option: "client",
    });
  });

  test("is what rawClient gives", async () => {
    const client = await connected((url) => createClient({ url }));
    expect(await cacheOver(client).rawClient()).toBe(client);
  });

  test("two caches over one client are in one place", async () => {
    const client = await connected((url) => createClient({ url }));
    const keyPrefix = freshPrefix();
    await openCache({ client, keyPrefix }).set("key", 1);
    expect(await openCache({ client, keyPrefix }).get("key")).toBe(1);
  });

  test("keeps its own commands as they were set up", async () => {
    const client = await connected((url) => createClient({ url, RESP: 3 }));
    const cache = cacheOver(client);
    await cache.set("key", Buffer.from("bytes"));
    await cache.get("key");
    expect(await client.sendCommand(["ECHO", "text"])).toBe("text");
  });

  test("that is not connected is an unavailable store, and stays so", async () => {
    const client = createClient({ url: server.url(1) });
    const { error, tookMs } = await failureOf(() => cacheOver(client).get("key"));
    expect(error).toBeInstanceOf(StoreUnavailableError);
    expect(error).toMatchObject({ maybeApplied: false });
    expect(tookMs).toBeLessThan(1_000);
    expect(client.isOpen).toBe(false);
  });

  test("that is connected later serves from then on", async () => {
    const client = createClient({ url: server.url(1) }).on("error", () => undefined);
    const cache = cacheOver(client);
    await failureOf(() => cache.get("key"));
    await client.connect();
    onTestFinished(() => client.destroy());
    expect(await cache.set("key", 1)).toBe(true);
  });

  test("that was closed by the user is an unavailable store", async () => {
    const client = await connected((url) => createClient({ url }));
    const cache = cacheOver(client);
    await cache.set("key", 1);
    client.destroy();
    expect((await failureOf(() => cache.get("key"))).error).toBeInstanceOf(StoreUnavailableError);
  });

  test("that is not connected is a miss with ignoreErrors", async () => {
    const cache = openCache({ client: createClient(), ignoreErrors: true });
    expect(await cache.get("key", { default: "usual" })).toBe("usual");
  });

  test("of a server that froze does not hold calls longer than commandTimeout", async () => {
    const client = await connected((url) => createClient({ url }));
    const cache = openCache({ client, commandTimeout: "80ms" });
    await cache.set("key", 1);
    server.freeze();
    const { error, tookMs } = await failureOf(() => cache.set("key", 2));
    server.thaw();
    expect(error).toBeInstanceOf(CommandTimeoutError);
    expect(error).toMatchObject({ maybeApplied: true });
    expect(tookMs).toBeLessThan(80 + 1_000);
    expect(client.isOpen).toBe(true);
  });

  test("has no listener more than before, however many caches used it", async () => {
    const client = (await connected((url) => createClient({ url }))) as unknown as ReturnType<
      typeof createClient
    >;
    const count = (): number =>
      client.eventNames().reduce((sum, name) => sum + client.listenerCount(name), 0);
    const before = count();
    for (let round = 0; round < 20; round++) {
      const cache = cacheOver(client);
      await cache.get("key");
      await cache.close();
    }
    expect(count()).toBe(before);
  });
});
