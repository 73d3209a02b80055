import type { IncrOptions } from "../../contracts/cache.ts";
import { CacheMissError, CounterOverflowError, NotAnIntegerError } from "../../contracts/errors.ts";
import type { CountFailure, CountRules, Lifetime } from "../../contracts/store.ts";
import { isInt64 } from "../../kit/int64.ts";
import { resolveLifetime } from "../values/lifetimes.ts";

/** Returns the step of a counter. @throws TypeError for a fraction, CounterOverflowError past 64 bits */
export function resolveDelta(key: string, delta: unknown, sign: 1n | -1n): bigint {
  if (typeof delta !== "bigint" && !Number.isSafeInteger(delta)) {
    throw new TypeError(`delta must be a whole number or a bigint, got ${String(delta)}.`);
  }
  const step = BigInt(delta as number | bigint) * sign; // just checked
  if (!isInt64(step)) throw new CounterOverflowError({ key });
  return step;
}

/** Returns what is to happen to an absent counter. @throws TypeError for an `ifMissing` that is neither word */
export function resolveCountRules({ ifMissing, ttl }: IncrOptions, usual: Lifetime): CountRules {
  const lifetime = resolveLifetime(ttl, usual);
  if (ifMissing === "create") return { createWith: lifetime };
  if (ifMissing === undefined || ifMissing === "throw") return {};
  throw new TypeError(`ifMissing must be "throw" or "create", got ${String(ifMissing)}.`);
}

/** Returns a count as the number it is, or as a bigint where a number would lose digits. */
export function toCount(key: string, count: bigint | CountFailure): number | bigint {
  if (count === "absent") throw new CacheMissError({ key });
  if (count === "not-an-integer") throw new NotAnIntegerError({ key });
  if (count === "overflow") throw new CounterOverflowError({ key });
  const number = Number(count);
  return Number.isSafeInteger(number) ? number : count;
}
