/** @import { RedisServer } from "cachewell/testing" */

const keysPerScript = 50_000;
const script = `
  for index = tonumber(ARGV[1]), tonumber(ARGV[2]) do
    redis.call("SET", ARGV[3] .. index, ARGV[4])
  end`;

/**
 * Lets the server write `count` keys: `keyPrefix` and a number each, all with one value and no lifetime.
 *
 * @param {RedisServer} server
 * @param {{ database: number, keyPrefix: string, count: number, text: string }} filling
 */
export async function fillKeys(server, { database, keyPrefix, count, text }) {
  for (let first = 0; first < count; first += keysPerScript) {
    const last = Math.min(first + keysPerScript, count) - 1;
    const place = ["-n", String(database)];
    await server.cli(...place, "EVAL", script, "0", String(first), String(last), keyPrefix, text);
  }
}
