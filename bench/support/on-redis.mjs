import { startRedisServer } from "../../dist/testing/index.js";

/** Starts a server for `task`, and ends it whatever comes of that. */
export async function onRedis(task, options) {
  const server = await startRedisServer(options);
  try {
    return await task(server);
  } finally {
    await server.stop();
  }
}
