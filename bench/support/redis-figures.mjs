/** @import { RedisServer } from "cachewell/testing" */

/**
 * Returns the µs of CPU that a server has used since it started.
 *
 * @param {RedisServer} server
 */
export async function redisMicros(server) {
  const answer = await server.cli("INFO", "cpu");
  return 1e6 * (figure(answer, "used_cpu_user") + figure(answer, "used_cpu_sys"));
}

/**
 * Returns how much memory a server uses.
 *
 * @param {RedisServer} server
 */
export async function memoryBytes(server) {
  return figure(await server.cli("INFO", "memory"), "used_memory");
}

/**
 * @param {string} answer
 * @param {string} name
 */
function figure(answer, name) {
  return Number(new RegExp(`^${name}:(\\S+)`, "m").exec(answer)?.[1]);
}
