import { createCache } from "cachewell";

/**
 * @typedef {import("./checker.mjs").Subject} Subject
 * @typedef {import("cachewell").CacheOptions} CacheOptions
 * @typedef {{ readonly proxied: string, readonly direct: string }} Locations
 */

/**
 * Opens a cache under test with these options; the timeouts are named, so that they can be judged.
 *
 * @param {string} name
 * @param {CacheOptions & { commandTimeout: number, connectTimeout: number }} options timeouts in seconds
 * @returns {Subject}
 */
export function openSubject(name, options) {
  const cache = createCache({ ...options, name, keyPrefix: name });
  const subject = {
    name,
    cache,
    commandTimeoutMs: options.commandTimeout * 1_000,
    connectTimeoutMs: options.connectTimeout * 1_000,
    ignoresErrors: options.ignoreErrors === true,
    hasConnected: false,
  };
  cache.on("connect", () => {
    subject.hasConnected = true;
  });
  return subject;
}

/** How many connections the caches of {@link openSubjects} have together: two share one. */
export const connectionCount = 6;

/**
 * Opens the caches under test: each differs from the others in what may matter when the store fails.
 *
 * @param {Locations} locations
 * @returns {Subject[]}
 */
export function openSubjects({ proxied, direct }) {
  const usual = { location: proxied, commandTimeout: 0.5, connectTimeout: 1 };
  return [
    openSubject("plain", usual),
    openSubject("sharing", { ...usual, serializer: "msgpack", compressor: "gzip" }),
    openSubject("ignoring", { ...usual, commandTimeout: 0.3, maxPending: 20, ignoreErrors: true }),
    openSubject("narrow", { ...usual, commandTimeout: 0.4, maxPending: 8 }),
    openSubject("few-bytes", { ...usual, maxPendingBytes: 200_000 }),
    openSubject("unbroken", { ...usual, connectTimeout: 0.6, circuitBreaker: false }),
    openSubject("direct", { ...usual, location: direct, commandTimeout: 0.25 }),
  ];
}
