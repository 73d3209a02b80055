import { ConfigurationError } from "../../contracts/errors.ts";
import { parseDuration } from "../../kit/duration.ts";
import { isPlainObject } from "../../kit/plain-object.ts";
import { requireWhole } from "../../kit/whole-number.ts";
import type { NearBounds } from "../near/near-cache.ts";

/** Room for every entry is set aside at once, so a slip of the pen must not take all memory. */
const mostEntries = 2 ** 24;

/**
 * Returns what bounds the near cache that the option asks for; `undefined` where it asks for none.
 *
 * @throws ConfigurationError for an unknown bound or a number that cannot be meant, TypeError for a wrong type
 */
export function resolveNearCache(nearCache: unknown = false): NearBounds | undefined {
  if (nearCache === false) return undefined;
  const given = nearCache === true ? {} : nearCache;
  if (!isPlainObject(given)) {
    throw new TypeError("nearCache must be a boolean, or an object of its bounds.");
  }
  const { maxEntries = 10_000, maxBytes = 2 ** 26, maxAge = null, ...others } = given;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) {
    const message = `nearCache takes maxEntries, maxBytes and maxAge, not ${JSON.stringify(unknown)}.`;
    throw new ConfigurationError("nearCache", message);
  }
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
