import type { RecordLifetime } from "../contracts/records.ts";
import { parseDuration } from "../kit/duration.ts";

/** When a session ends, if `setExpiry` said so. */
export type Expiry =
  | { readonly kind: "idle"; readonly ttlMs: number }
  | { readonly kind: "at"; readonly unixMs: number }
  | { readonly kind: "browser" };

/** How long sessions live without an expiry of their own. */
export interface LifetimeRules {
  /** After the last save; in a rolling session, after the last request. */
  readonly ttlMs: number;
  /** After the creation, whatever happens later. `undefined` for no such bound. */
  readonly absoluteTtlMs: number | undefined;
}

/**
 * Returns the expiry that an argument of `setExpiry` means: a duration, a date, 0 for the end of the
 * browser session, or `undefined` for `null`, which means the usual lifetime.
 *
 * @throws TypeError for anything else
 */
export function toExpiry(value: unknown): Expiry | undefined {
  if (value instanceof Date) return { kind: "at", unixMs: requireMoment(value) };
  const ttlMs = parseDuration("expiry", value);
  if (ttlMs === null) return undefined;
  return ttlMs === 0 ? { kind: "browser" } : { kind: "idle", ttlMs };
}

/** Returns the stored form of an expiry. */
export function writeExpiry(expiry: Expiry): string {
  if (expiry.kind === "idle") return `idle ${expiry.ttlMs}`;
  return expiry.kind === "at" ? `at ${expiry.unixMs}` : "browser";
}

/** Returns the expiry of a stored form, or `undefined` if it cannot be read. */
export function readExpiry(text: string): Expiry | undefined {
  const [kind, digits] = text.split(" ");
  const ms = digits ? Number(digits) : Number.NaN;
  if (kind === "browser") return { kind };
  if (!Number.isSafeInteger(ms)) return undefined;
  if (kind === "idle") return { kind, ttlMs: ms };
  return kind === "at" ? { kind, unixMs: ms } : undefined;
}

/** Returns how long a session's record lives after a save. */
export function recordLifetime(expiry: Expiry | undefined, rules: LifetimeRules): RecordLifetime {
  const maxAgeMs = rules.absoluteTtlMs;
  if (expiry?.kind === "at") return { untilMs: expiry.unixMs, maxAgeMs };
  return { ttlMs: expiry?.kind === "idle" ? expiry.ttlMs : rules.ttlMs, maxAgeMs };
}

/** A moment in the life of a session. */
export interface Moment {
  readonly nowMs: number;
  /** The age of the session at that moment. */
  readonly ageMs: number;
}

/** Returns how many milliseconds the session lives if it is saved at that moment; may be negative. */
export function lifetimeMs(
  expiry: Expiry | undefined,
  rules: LifetimeRules,
  { nowMs, ageMs }: Moment,
): number {
  const { ttlMs, untilMs } = recordLifetime(expiry, rules);
  const left = untilMs === undefined ? (ttlMs ?? rules.ttlMs) : untilMs - nowMs;
  const absoluteLeft = (rules.absoluteTtlMs ?? Number.POSITIVE_INFINITY) - ageMs;
  return Math.min(left, absoluteLeft);
}

function requireMoment(date: Date): number {
  const unixMs = date.getTime();
  if (Number.isNaN(unixMs)) throw new TypeError("expiry must be a valid Date, got an invalid one.");
  return unixMs;
}
