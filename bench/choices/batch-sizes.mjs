import { createClient } from "redis";
import { fillKeys } from "../support/filling.mjs";
import { withoutTimeout } from "../support/node-redis-options.mjs";
import { requireAt } from "../support/require.mjs";
import { sessionOf, usualKeyCount } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

/** @import { RedisServer } from "cachewell/testing" */
/** @import { Load, TurnSettings } from "./turns.mjs" */

/** @typedef {Awaited<ReturnType<typeof connect>>} Client */
/** @typedef {{ size: number, isOurs: boolean, readMicros: number, commandMicros: number }} SizeCost */

const readsAtOnce = 1_024;
const sizes = [16, 32, 64, 128, 256, 512];
/** The size that cachewell uses. */
const ourSize = 128;
const keyPrefix = "session:";

/**
 * Returns by size of a command what a read costs this process, and what a command costs the server.
 *
 * @param {RedisServer} server
 * @param {TurnSettings} settings
 */
export async function measureBatchSizes(server, settings) {
  const text = JSON.stringify(sessionOf(1));
  await fillKeys(server, { database: 0, keyPrefix, count: usualKeyCount, text });
  const client = await connect(server.url());
  try {
    const loads = sizes.map((size) => readsOf(client, size));
    const micros = await microsOf(loads, settings);
    /** @type {SizeCost[]} */
    const rows = [];
    for (const [index, size] of sizes.entries()) {
      const commandMicros = await serverMicros(server, requireAt(loads, index), settings);
      const readMicros = requireAt(micros, index) / size;
      rows.push({ size, isOurs: size === ourSize, readMicros, commandMicros });
    }
    return rows;
  } finally {
    await client.close();
  }
}

/** @param {string} url */
function connect(url) {
  return createClient({ url, commandOptions: withoutTimeout })
    .on("error", () => {})
    .connect();
}

/**
 * @param {Client} client
 * @param {number} size
 * @returns {Load}
 */
function readsOf(client, size) {
  const operation = async (/** @type {number} */ turn) => {
    const command = ["MGET", ...keysFrom(turn * size, size)];
    // All keys exist, so every reply is a text.
    const texts = /** @type {readonly string[]} */ (
      /** @type {unknown} */ (await client.sendCommand(command))
    );
    for (const text of texts) JSON.parse(text);
  };
  return { operation, callers: readsAtOnce / size };
}

/**
 * @param {RedisServer} server
 * @param {Load} load
 * @param {TurnSettings} settings
 */
async function serverMicros(server, load, { turnMs }) {
  await server.cli("CONFIG", "RESETSTAT");
  await microsOf([load], { turns: 1, warmUps: 0, turnMs });
  const statistics = await server.cli("INFO", "commandstats");
  return Number(/cmdstat_mget:.*usec_per_call=([\d.]+)/.exec(statistics)?.[1]);
}

/**
 * @param {number} first
 * @param {number} count
 */
function keysFrom(first, count) {
  return Array.from({ length: count }, (_none, at) => {
    return `${keyPrefix}${(first + at * 31) % usualKeyCount}`;
  });
}
