import type { Lifetime } from "../../contracts/store.ts";
import { parseDuration } from "../../kit/duration.ts";

/** Returns the lifetime that an option names, or `usual` where it names none. */
export function resolveLifetime(ttl: unknown, usual: Lifetime, option = "ttl"): Lifetime {
  return ttl === undefined ? usual : requireLifetime(ttl, option);
}

/** Returns the lifetime that a call must name. */
export function requireLifetime(ttl: unknown, option = "ttl"): Lifetime {
  const ttlMs = parseDuration(option, ttl);
  return ttlMs === null ? "forever" : { ttlMs };
}

/** Whether nothing can live that long: a lifetime of zero or less. */
export function isOver(lifetime: Lifetime): boolean {
  return lifetime !== "forever" && lifetime.ttlMs <= 0;
}

/**
 * Returns a moment as unix milliseconds.
 *
 * @throws TypeError when it is neither a valid `Date` nor a finite number of `unitMs`
 */
export function resolveMoment(when: unknown, unitMs: 1 | 1_000): number {
  const unixMs = when instanceof Date ? when.getTime() : Number(when) * unitMs;
  const isMoment = typeof when === "number" || when instanceof Date;
  if (isMoment && Math.abs(unixMs) <= Number.MAX_SAFE_INTEGER) return Math.round(unixMs);
  const unit = unitMs === 1 ? "milliseconds" : "seconds";
  throw new TypeError(
    `when must be a valid Date or a number of unix ${unit}, got ${String(when)}.`,
  );
}

/** Returns a count of milliseconds as a lifetime. @throws TypeError when it is no finite number */
export function resolveMs(ms: unknown): Lifetime {
  if (typeof ms === "number") return requireLifetime(ms / 1_000, "ms");
  throw new TypeError(`ms must be a number of milliseconds, got ${typeof ms}.`);
}
