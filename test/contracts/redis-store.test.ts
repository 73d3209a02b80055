import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { flushCommand } from "../../src/drivers/redis/commands/key-commands.ts";
import { parseRedisLocation } from "../../src/drivers/redis/location/location.ts";
import { RedisReadsWithTtl } from "../../src/drivers/redis/reading/reads-with-ttl.ts";
import { RedisLocker } from "../../src/drivers/redis/stores/redis-locker.ts";
import { RedisStore } from "../../src/drivers/redis/stores/redis-store.ts";
import { type SharedServer, shareServer } from "../../src/drivers/redis/topology/shared-servers.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { numberCommand } from "../support/raw-command.ts";
import { testLockerContract } from "./locker-contract.ts";
import { testStoreContract } from "./store-contract.ts";

let server: SharedServer;

beforeAll(async () => {
  server = shareServer({
    ...parseRedisLocation(sharedUrl(await freshDatabase())),
    connectTimeoutMs: 2_000,
    commandTimeoutMs: 5_000,
    circuit: { threshold: 5, cooldownMs: 1_000 },
    maxCalls: 10_000,
    maxBytes: 2 ** 26,
  });
});

afterAll(async () => {
  await server.release();
});

async function pass(ms: number): Promise<void> {
  await wait(ms);
}

testStoreContract(
  { describe, test },
  {
    name: "redis",
    clock: systemClock,
    pass,
    open: async () => {
      await server.commands.send(flushCommand);
      const timedReads = new RedisReadsWithTtl(server.commands).coalescer;
      return new RedisStore(server.commands, { coalesce: true, timedReads });
    },
    plantForeignType: async (key) => {
      await server.commands.send(numberCommand("RPUSH", key, "item"));
    },
  },
);

testLockerContract(
  { describe, test },
  {
    name: "redis",
    pass,
    open: async () => {
      await server.commands.send(flushCommand);
      return new RedisLocker(server.commands);
    },
  },
);
