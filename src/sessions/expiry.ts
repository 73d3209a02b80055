import type { RecordLifetime } from "../contracts/records.ts";
import { parseDuration } from "../kit/duration.ts";

/** When a session ends, where it says so itself. */
export type Expiry =
  | { readonly kind: "idle"; readonly ttlMs: number }
  | { readonly kind: "at"; readonly unixMs: number }
  | { readonly kind: "browser" };

/** How long sessions live that do not say so themselves. */
export interface LifetimeRules {
  /** Without a save, or in a rolling session without a request. */
  readonly ttlMs: number;
  /** In all, whatever happens in it; `undefined`: no such bound. */
  readonly absoluteTtlMs: number | undefined;
}

/**
 * Returns what `setExpiry` was given: a duration, a moment, 0 for the end of the browser, or
 * `undefined` for null, the usual lifetime.
 *
 * @throws TypeError for anything else
 */
export function toExpiry(value: unknown): Expiry | undefined {
  if (value instanceof Date) return { kind: "at", unixMs: requireMoment(value) };
  const ttlMs = parseDuration("expiry", value);
  if (ttlMs === null) return undefined;
  return ttlMs === 0 ? { kind: "browser" } : { kind: "idle", ttlMs };
}

/** Returns an expiry as it is stored. */
export function writeExpiry(expiry: Expiry): string {
  if (expiry.kind === "idle") return `idle ${expiry.ttlMs}`;
  return expiry.kind === "at" ? `at ${expiry.unixMs}` : "browser";
}

/** Returns the expiry that was stored; `undefined` for none, and for what cannot be read. */
export function readExpiry(text: string | undefined): Expiry | undefined {
  const [kind, digits] = (text ?? "").split(" ");
  const ms = digits ? Number(digits) : Number.NaN;
  if (kind === "browser") return { kind };
  if (!Number.isSafeInteger(ms)) return undefined;
  if (kind === "idle") return { kind, ttlMs: ms };
  return kind === "at" ? { kind, unixMs: ms } : undefined;
}

/** Returns how long a session's record lives from a save on. */
export function recordLifetime(expiry: Expiry | undefined, rules: LifetimeRules): RecordLifetime {
  const maxAgeMs = rules.absoluteTtlMs;
  if (expiry?.kind === "at") return { untilMs: expiry.unixMs, maxAgeMs };
  return { ttlMs: expiry?.kind === "idle" ? expiry.ttlMs : rules.ttlMs, maxAgeMs };
}

/** A moment in the life of a session. */
export interface Moment {
  readonly nowMs: number;
  /** How old the session is then. */
  readonly ageMs: number;
}

/** Returns the milliseconds from then until the session ends, if it is saved then; may be negative. */
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
