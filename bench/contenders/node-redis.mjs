import { BasicClientSideCache, createClient } from "@redis/client";
import { withoutTimeout } from "../support/node-redis-options.mjs";
import { ttlMs } from "../support/values.mjs";

/** @import { RedisClientOptions } from "@redis/client" */
/** @import { Peer } from "./index.mjs" */

const expiration = /** @type {const} */ ({ type: "PX", value: ttlMs });

/**
 * As it comes: each command has a timeout of 5 s, which ends when the command is written.
 *
 * @param {string} url
 */
export function openDefault(url) {
  return openWith({ url });
}

/**
 * Without that timeout.
 *
 * @param {string} url
 */
export function openTuned(url) {
  return openWith({ url, commandOptions: withoutTimeout });
}

/**
 * Tuned, with its own in-process tier.
 *
 * @param {string} url
 */
export function openNear(url) {
  const clientSideCache = new BasicClientSideCache();
  return openWith({ url, RESP: 3, clientSideCache, commandOptions: withoutTimeout });
}

/**
 * @param {RedisClientOptions} options
 * @returns {Promise<Peer>}
 */
async function openWith(options) {
  const client = await createClient(options)
    .on("error", () => {})
    .connect();
  return {
    get: async (key) => parse(await client.get(key)),
    set: (key, value) => client.set(key, JSON.stringify(value), { expiration }),
    getMany: async (keys) => (await client.mGet([...keys])).map(parse),
    // Its cheapest way: commands of a tick leave as one pipeline.
    setMany: (entries) =>
      Promise.all(
        entries.map(([key, value]) =>
          client.sendCommand(["SET", key, JSON.stringify(value), "PX", `${ttlMs}`]),
        ),
      ),
    incr: (key) => client.incr(key),
  };
}

/**
 * @param {string | null} text
 * @returns {unknown}
 */
function parse(text) {
  return text === null ? undefined : JSON.parse(text);
}
