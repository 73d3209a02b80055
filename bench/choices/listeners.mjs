import { createCache } from "cachewell";
import { requireAt } from "../support/require.mjs";
import { sessionOf, usualKeyCount } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

/** @import { CacheEvents } from "cachewell" */
/** @import { RedisServer } from "cachewell/testing" */
/** @import { TurnSettings } from "./turns.mjs" */

/** @typedef {{ who: string, getMicros: number }} ListenerCost */

const callers = 128;

/**
 * The events of a cache that somebody listens to.
 *
 * @type {Readonly<Record<string, readonly (keyof CacheEvents)[]>>}
 */
const audiences = {
  nobody: [],
  "one, to errors": ["error"],
  "one, to hits": ["hit"],
};

/**
 * Returns by audience what a `get` costs.
 *
 * @param {RedisServer} server
 * @param {TurnSettings} settings
 * @returns {Promise<ListenerCost[]>}
 */
export async function measureListeners(server, settings) {
  const caches = Object.values(audiences).map((events) => {
    const cache = createCache({ location: server.url(1), commandTimeout: "30s" });
    for (const event of events) cache.on(event, () => {});
    return cache;
  });
  try {
    const cache = requireAt(caches, 0);
    for (let index = 0; index < usualKeyCount; index += 1)
      await cache.set(`session:${index}`, sessionOf(index));
    const gets = caches.map((one) => ({
      operation: (/** @type {number} */ turn) => one.get(`session:${turn % usualKeyCount}`),
      callers,
    }));
    const micros = await microsOf(gets, settings);
    return Object.keys(audiences).map((who, index) => ({
      who,
      getMicros: requireAt(micros, index),
    }));
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
  }
}
