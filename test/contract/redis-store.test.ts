import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { Connection } from "../../src/drivers/redis/connection.ts";
import { parseRedisLocation } from "../../src/drivers/redis/location.ts";
import { RedisLocker } from "../../src/drivers/redis/redis-locker.ts";
import { RedisStore } from "../../src/drivers/redis/redis-store.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { testLockerContract, testStoreContract } from "../../src/testing/index.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";

let connection: Connection;

beforeAll(async () => {
  connection = new Connection({
    ...parseRedisLocation(sharedUrl(await freshDatabase())),
    connectTimeoutMs: 2_000,
    commandTimeoutMs: 5_000,
  });
});

afterAll(async () => {
  await connection.close();
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
      await connection.send(["FLUSHDB"]);
      return new RedisStore(connection);
    },
    plantForeignType: async (key) => {
      await connection.send(["RPUSH", key, "item"]);
    },
  },
);

testLockerContract(
  { describe, test },
  {
    name: "redis",
    pass,
    open: async () => {
      await connection.send(["FLUSHDB"]);
      return new RedisLocker(connection);
    },
  },
);
