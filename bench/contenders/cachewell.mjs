import { createCache } from "../../dist/index.js";

/** As it comes: defaults everywhere. */
export function open(url) {
  return openWith({ location: url });
}

/** With its in-process tier. */
export function openNear(url) {
  return openWith({ location: url, nearCache: true });
}

async function openWith(options) {
  const cache = createCache(options);
  await cache.ping();
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    getMany: (keys) => cache.getMany(keys),
    setMany: async (entries) => {
      const failed = await cache.setMany(entries);
      if (failed.length > 0) throw new Error(`${failed.length} keys were not stored.`);
      return true;
    },
    incr: (key) => cache.incr(key, 1, { ifMissing: "create" }),
  };
}
