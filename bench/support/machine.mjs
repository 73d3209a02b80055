import { cpus, totalmem } from "node:os";

/** @import { RedisServer } from "cachewell/testing" */

/**
 * Returns one line about the machine, Node and the Redis server of a run.
 *
 * @param {RedisServer} server
 */
export async function machineOf(server) {
  const version = /redis_version:(\S+)/.exec(await server.cli("INFO", "server"))?.[1];
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} × ${cpu?.model.trim() ?? "unknown CPU"}, ${memory} GiB, Node ${process.versions.node}, Redis ${version}, loopback, server and client on the same machine`;
}
