import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, test } from "vitest";
import { parseRedisLocation } from "../../src/drivers/redis/location.ts";
import { RedisLocker } from "../../src/drivers/redis/redis-locker.ts";
import { RedisStore } from "../../src/drivers/redis/redis-store.ts";
import { integerReply, statusReply } from "../../src/drivers/redis/reply-forms.ts";
import {
  type ConnectionLease,
  leaseConnection,
} from "../../src/drivers/redis/shared-connections.ts";
import { systemClock } from "../../src/kit/clock.ts";
import { freshDatabase, sharedUrl } from "../support/fresh.ts";
import { testLockerContract } from "./locker-contract.ts";
import { testStoreContract } from "./store-contract.ts";

let lease: ConnectionLease;

beforeAll(async () => {
  lease = leaseConnection({
    ...parseRedisLocation(sharedUrl(await freshDatabase())),
    connectTimeoutMs: 2_000,
    commandTimeoutMs: 5_000,
    circuit: { threshold: 5, cooldownMs: 1_000 },
    maxCalls: 10_000,
    maxBytes: 2 ** 26,
  });
});

afterAll(async () => {
  await lease.release();
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
      await lease.commands.send(["FLUSHDB"], statusReply);
      return new RedisStore(lease.commands, { coalesce: true });
    },
    plantForeignType: async (key) => {
      await lease.commands.send(["RPUSH", key, "item"], integerReply);
    },
  },
);

testLockerContract(
  { describe, test },
  {
    name: "redis",
    pass,
    open: async () => {
      await lease.commands.send(["FLUSHDB"], statusReply);
      return new RedisLocker(lease.commands);
    },
  },
);
