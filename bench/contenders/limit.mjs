import { RespLimit } from "../support/resp-limit.mjs";
import { ttlMs } from "../support/values.mjs";

/** @import { Peer } from "./index.mjs" */

/**
 * The upper bound: nothing but the protocol and JSON.
 *
 * @param {string} url
 * @returns {Promise<Peer>}
 */
export async function open(url) {
  const client = await RespLimit.connect(url);
  return {
    get: async (key) => JSON.parse((await client.send(["GET", key])) ?? "null"),
    set: (key, value) => client.send(["SET", key, JSON.stringify(value), "PX", `${ttlMs}`]),
  };
}

/**
 * The upper bound of an in-process tier: a `Map`, and an `await`.
 *
 * @returns {Promise<Peer>}
 */
export async function openMap() {
  /** @type {Map<string, object>} */
  const values = new Map();
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => Boolean(values.set(key, value)),
  };
}
