import { startRedisServer } from "cachewell/testing";

/** @import { RedisServer, RedisServerOptions } from "cachewell/testing" */

/**
 * Starts a server for `task`, and stops it when the task ends or fails.
 *
 * @template T
 * @param {(server: RedisServer) => Promise<T>} task
 * @param {RedisServerOptions} [options]
 */
export async function onRedis(task, options) {
  const server = await startRedisServer(options);
  try {
    return await task(server);
  } finally {
    await server.stop();
  }
}
