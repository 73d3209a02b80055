import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import { BorrowedClient } from "./borrowed-client.ts";
import type { ConnectionListener } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { isNodeRedisClient } from "./node-redis.ts";
import { RedisLocker } from "./redis-locker.ts";
import { RedisStore } from "./redis-store.ts";
import { leaseConnection } from "./shared-connections.ts";

/** Opens a driver on this process's shared connection for `options`. Connects on the first command. */
export function openRedis(options: ConnectionOptions, listener: ConnectionListener): Driver {
  const { connection, release } = leaseConnection(options);
  connection.listen(listener);
  return {
    store: new RedisStore(connection),
    locker: new RedisLocker(connection),
    rawClient: () => connection.native(),
    close: async () => {
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
export function borrowRedis(client: unknown, commandTimeoutMs: number): Driver {
  if (!isNodeRedisClient(client)) {
    throw new ConfigurationError(
      "client",
      "client must be a node-redis client of one server (createClient of redis or " +
        "@redis/client, version 5 or 6); clusters, sentinels, pools and ioredis are not offered yet.",
    );
  }
  const commands = new BorrowedClient(client, commandTimeoutMs);
  return {
    store: new RedisStore(commands),
    locker: new RedisLocker(commands),
    rawClient: async () => client,
    close: async () => {},
  };
}
