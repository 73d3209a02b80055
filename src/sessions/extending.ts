import type { Clock } from "../kit/clock.ts";

/** How much of its lifetime must have passed before a session's life is extended without a change. */
const share = 0.001;

/** Whether a session that ends at a moment should be given a lifetime from now on. */
export function isWorthExtending(endsAtMs: number, lifetimeMs: number, clock: Clock): boolean {
  const remainingMs = endsAtMs - clock.now();
  return Math.abs(lifetimeMs - remainingMs) > lifetimeMs * share;
}
