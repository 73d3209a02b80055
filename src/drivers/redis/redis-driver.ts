import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { NearSource } from "../../contracts/invalidation.ts";
import { CircuitBreaker, type CircuitListener } from "../../kit/circuit-breaker.ts";
import { BorrowedClient } from "./borrowed-client.ts";
import { BoundedCommands } from "./bounded-commands.ts";
import type { ConnectionListener } from "./connection.ts";
import type { CallBounds, ConnectionOptions } from "./connection-options.ts";
import { isNodeRedisClient } from "./node-redis.ts";
import type { ReservableCommands } from "./redis-commands.ts";
import { RedisIndex } from "./redis-index.ts";
import { RedisInvalidations } from "./redis-invalidations.ts";
import { RedisLivingReads } from "./redis-living-reads.ts";
import { RedisLocker } from "./redis-locker.ts";
import { RedisRecords } from "./redis-records.ts";
import { RedisStore } from "./redis-store.ts";
import { leaseConnection } from "./shared-connections.ts";
import {
  borrowedTrackingClients,
  ownTrackingClients,
  type TrackingClients,
} from "./tracking-client.ts";

/** Told what becomes of the way to the server. */
export type RedisListener = ConnectionListener & CircuitListener;

/** How single values are read. */
export interface ReadingRules {
  /** Whether the reads of one turn of the event loop travel together. */
  readonly coalesce: boolean;
}

/** Opens a driver on this process's shared connection for `options`. Connects on the first command. */
export function openRedis(
  options: ConnectionOptions,
  reading: ReadingRules,
  listener: RedisListener,
): Driver {
  const { connection, breaker, commands, release } = leaseConnection(options);
  connection.listen(listener);
  breaker.listen(listener);
  return {
    ...partsOver(commands, reading),
    near: nearSource(commands, () => ownTrackingClients(options, connection)),
    rawClient: () => commands.client(),
    close: async () => {
      breaker.unlisten(listener);
      await release();
      connection.unlisten(listener);
    },
  };
}

/**
 * Opens a driver on a connected node-redis client of the user's, which stays the user's.
 *
 * @throws ConfigurationError when it is anything else
 */
export function borrowRedis(
  client: unknown,
  bounds: CallBounds & ReadingRules,
  listener: CircuitListener,
): Driver {
  if (!isNodeRedisClient(client)) {
    throw new ConfigurationError(
      "client",
      "client must be a node-redis client of one server (createClient of redis or " +
        "@redis/client, version 5 or 6); clusters, sentinels, pools and ioredis are not offered yet.",
    );
  }
  const breaker = new CircuitBreaker(bounds.circuit);
  const carrier = new BorrowedClient(client, bounds.commandTimeoutMs);
  const commands = new BoundedCommands(carrier, breaker, bounds);
  breaker.listen(listener);
  return {
    ...partsOver(commands, bounds),
    near: nearSource(commands, () => borrowedTrackingClients(client, bounds.commandTimeoutMs)),
    rawClient: async () => client,
    close: async () => {
      breaker.unlisten(listener);
      commands.close();
    },
  };
}

function partsOver(
  commands: ReservableCommands,
  reading: ReadingRules,
): Pick<Driver, "store" | "locker" | "records" | "index"> {
  return {
    store: new RedisStore(commands, reading),
    locker: new RedisLocker(commands),
    records: new RedisRecords(commands),
    index: new RedisIndex(commands),
  };
}

function nearSource(commands: ReservableCommands, clients: () => TrackingClients): NearSource {
  return {
    reads: new RedisLivingReads(commands),
    invalidations: (scope) => new RedisInvalidations(clients(), scope),
  };
}
