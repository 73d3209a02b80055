import { createCache } from "../../dist/index.js";
import { sessionOf, usualKeyCount } from "../support/values.mjs";
import { microsOf } from "./turns.mjs";

const callers = 128;

/** To what of a cache somebody listens. */
const audiences = {
  nobody: [],
  "one, to errors": ["error"],
  "one, to hits": ["hit"],
};

/** Returns by audience what a `get` costs. */
export async function measureListeners(server, settings) {
  const caches = Object.values(audiences).map((events) => {
    const cache = createCache({ location: server.url(1), commandTimeout: "30s" });
    for (const event of events) cache.on(event, () => {});
    return cache;
  });
  try {
    const [cache] = caches;
    for (let index = 0; index < usualKeyCount; index += 1)
      await cache.set(`session:${index}`, sessionOf(index));
    const gets = caches.map((one) => ({
      operation: (turn) => one.get(`session:${turn % usualKeyCount}`),
      callers,
    }));
    const micros = await microsOf(gets, settings);
    return Object.keys(audiences).map((who, index) => ({ who, getMicros: micros[index] }));
  } finally {
    await Promise.all(caches.map((cache) => cache.close()));
  }
}
