import type { Clock } from "../kit/clock.ts";

/** An end, and the lifetime that may be given instead. */
export interface EndMove {
  readonly endsAtMs: number;
  readonly lifetimeMs: number;
  readonly clock: Clock;
}

/** By how much of the lifetime an end has to move to be worth it. */
const leastShare = 0.001;

/** By how many milliseconds it has to come sooner, at most: what is known of the server's clock is no more exact. */
const leastSoonerMs = 20;

/**
 * Whether a session is to be given a lifetime from now on: not where its end would move by less than a thousandth
 * of that. Where `soonerMs` is given, an end that comes so much sooner is worth moving too. An end at a date goes
 * without: this process's clock and the server's differ about it each time, and moving it would not help.
 */
export function isWorthMoving(
  { endsAtMs, lifetimeMs, clock }: EndMove,
  soonerMs: number = Number.POSITIVE_INFINITY,
): boolean {
  const laterMs = lifetimeMs - (endsAtMs - clock.now());
  const leastMs = lifetimeMs * leastShare;
  return laterMs > leastMs || laterMs < -Math.min(soonerMs, leastMs);
}

/** When a session ends, as far as the request knows that read or stored it: the forms that it gives it share this. */
export class SessionEnd {
  readonly #clock: Clock;
  /** `-Infinity` while it is not known. */
  #atMs: number;

  constructor(clock: Clock, remainingMs: number) {
    this.#clock = clock;
    this.#atMs = clock.now() + remainingMs;
  }

  /** Whether a lifetime from now on should be given to the session. */
  isWorthMoving(lifetimeMs: number): boolean {
    const move = { endsAtMs: this.#atMs, lifetimeMs, clock: this.#clock };
    return isWorthMoving(move, leastSoonerMs);
  }

  /** Moves it by a task, which returns whether the session lived. Until then, and if that fails, it is not known. */
  async move(lifetimeMs: number, task: () => Promise<boolean>): Promise<boolean> {
    this.#atMs = Number.NEGATIVE_INFINITY;
    const lived = await task();
    if (lived) this.#atMs = this.#clock.now() + lifetimeMs;
    return lived;
  }
}
