import { optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import { requireWhole } from "../../checks/require.ts";
import type { NearCacheOptions } from "../../contracts/options.ts";
import { parseDuration } from "../../kit/duration.ts";
import { isPlainObject } from "../../kit/plain-data.ts";

/** What bounds a near cache. */
export interface NearBounds {
  readonly maxEntries: number;
  /** Of values as stored, and keys by their UTF-16 units. */
  readonly maxBytes: number;
  /** `Infinity`: as long as in the store. */
  readonly maxAgeMs: number;
}

const names = optionNames<NearCacheOptions>(
  { maxEntries: true, maxBytes: true, maxAge: true },
  { within: "nearCache" },
);

/** The cache reserves room for every entry at once, so a typing error must not take all memory. */
const mostEntries = 2 ** 24;

/**
 * Returns what bounds the near cache that the option asks for; `undefined` where it asks for none.
 *
 * @throws ConfigurationError for an unknown bound or a number that cannot be meant, TypeError for a wrong type
 */
export function resolveNearBounds(nearCache: unknown = false): NearBounds | undefined {
  if (nearCache === false) return undefined;
  const given = nearCache === true ? {} : nearCache;
  if (!isPlainObject(given)) {
    throw new TypeError("nearCache must be a boolean, or an object of its bounds.");
  }
  requireKnownOptions("nearCache", given, names);
  const { maxEntries = 10_000, maxBytes = 2 ** 26, maxAge = null } = given;
  return {
    maxEntries: requireWhole("nearCache.maxEntries", maxEntries, 1, mostEntries),
    maxBytes: requireWhole("nearCache.maxBytes", maxBytes, 1),
    maxAgeMs: resolveAge(maxAge),
  };
}

function resolveAge(maxAge: unknown): number {
  const ageMs = parseDuration("nearCache.maxAge", maxAge);
  if (ageMs === null) return Number.POSITIVE_INFINITY;
  if (ageMs > 0) return ageMs;
  throw new TypeError("nearCache.maxAge must be longer than zero.");
}
