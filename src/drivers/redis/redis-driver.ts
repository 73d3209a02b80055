import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { CircuitListener } from "../../kit/circuit-breaker.ts";
import { BorrowedNodeRedis, isNodeRedisClient } from "./clients/borrowed-node-redis.ts";
import { CommandExecutor } from "./commands/command-executor.ts";
import type { ConnectionListener } from "./connection/connection.ts";
import type { CallBounds, ConnectionOptions } from "./connection/connection-options.ts";
import { RedisReadsWithTtl } from "./reading/reads-with-ttl.ts";
import { RedisIndex } from "./stores/redis-index.ts";
import { RedisLocker } from "./stores/redis-locker.ts";
import { RedisRecords } from "./stores/redis-records.ts";
import { RedisStore } from "./stores/redis-store.ts";
import { OneServer } from "./topology/one-server.ts";
import { shareServer } from "./topology/shared-servers.ts";
import { KeyTracking } from "./tracking/key-tracking.ts";
import {
  borrowedTrackingClients,
  ownTrackingClients,
  type TrackingClients,
} from "./tracking/tracking-clients.ts";

/** Hears what becomes of the connection and its circuit. */
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
  const { connection, commands, release } = shareServer(options);
  const { breaker } = connection;
  connection.listen(listener);
  breaker.listen(listener);
  return {
    ...partsOver(commands, reading, () => ownTrackingClients(options, connection)),
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
  const borrowed = new BorrowedNodeRedis(client, bounds);
  const { breaker } = borrowed;
  const commands = new CommandExecutor(new OneServer(borrowed), bounds);
  breaker.listen(listener);
  return {
    ...partsOver(commands, bounds, () => borrowedTrackingClients(client, bounds.commandTimeoutMs)),
    rawClient: async () => client,
    close: async () => {
      breaker.unlisten(listener);
      borrowed.close();
    },
  };
}

type Parts = Pick<Driver, "store" | "locker" | "records" | "index" | "near">;

function partsOver(
  commands: CommandExecutor,
  { coalesce }: ReadingRules,
  clients: () => TrackingClients,
): Parts {
  const reads = new RedisReadsWithTtl(commands);
  return {
    store: new RedisStore(commands, { coalesce, timedReads: reads.coalescer }),
    locker: new RedisLocker(commands),
    records: new RedisRecords(commands),
    index: new RedisIndex(commands),
    near: { reads, invalidations: (scope) => new KeyTracking(clients(), scope) },
  };
}
