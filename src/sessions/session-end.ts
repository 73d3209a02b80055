import type { Clock } from "../kit/clock.ts";

/** A session's end, and the lifetime that a write could give it instead. */
export interface EndMove {
  readonly endsAtMs: number;
  readonly lifetimeMs: number;
  readonly clock: Clock;
}

/** The smallest move worth a write, as a share of the lifetime. */
const leastShare = 0.001;

/** A shortening by this much is always worth a write. Less would be within the error of the clock estimate. */
const leastSoonerMs = 20;

/**
 * Whether a new lifetime from now on is worth a write: not if the end would move by less than 0.1 %
 * of the lifetime. With `soonerMs`, a shortening by more than that counts too, however small its
 * share. A session that ends at a date goes without `soonerMs`: as the clocks of process and server
 * differ, its end would seem to come sooner at every request.
 */
export function isWorthMoving(
  { endsAtMs, lifetimeMs, clock }: EndMove,
  soonerMs: number = Number.POSITIVE_INFINITY,
): boolean {
  const laterMs = lifetimeMs - (endsAtMs - clock.now());
  const leastMs = lifetimeMs * leastShare;
  return laterMs > leastMs || laterMs < -Math.min(soonerMs, leastMs);
}

/**
 * When a session ends, as far as the request knows that read or stored it. The bases that a store
 * returns to one request share this object.
 */
export class SessionEnd {
  readonly #clock: Clock;
  /** `-Infinity` while unknown. */
  #atMs: number;

  constructor(clock: Clock, remainingMs: number) {
    this.#clock = clock;
    this.#atMs = clock.now() + remainingMs;
  }

  /** Whether a new lifetime from now on is worth a write. */
  isWorthMoving(lifetimeMs: number): boolean {
    const move = { endsAtMs: this.#atMs, lifetimeMs, clock: this.#clock };
    return isWorthMoving(move, leastSoonerMs);
  }

  /** Runs a task that gives the session a lifetime and returns whether it lived. The end is unknown until it has. */
  async move(lifetimeMs: number, task: () => Promise<boolean>): Promise<boolean> {
    this.#atMs = Number.NEGATIVE_INFINITY;
    const lived = await task();
    if (lived) this.#atMs = this.#clock.now() + lifetimeMs;
    return lived;
  }
}
