import type { Clock } from "../kit/clock.ts";

/** By how much of a session's lifetime its end has to come later, to be worth moving. */
const laterShare = 0.001;

/** By how many milliseconds it has to come sooner, at most: what is known of the server's clock is no more exact. */
const soonerMs = 20;

/** Whether a session that ends at a moment is to be given a lifetime from now on: not where that changes next to nothing. */
export function isWorthMoving(endsAtMs: number, lifetimeMs: number, clock: Clock): boolean {
  const laterMs = lifetimeMs - (endsAtMs - clock.now());
  const leastMs = lifetimeMs * laterShare;
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
    return isWorthMoving(this.#atMs, lifetimeMs, this.#clock);
  }

  /** Moves it by a task, which returns whether the session lived. Until then, and if that fails, it is not known. */
  async move(lifetimeMs: number, task: () => Promise<boolean>): Promise<boolean> {
    this.#atMs = Number.NEGATIVE_INFINITY;
    const lived = await task();
    if (lived) this.#atMs = this.#clock.now() + lifetimeMs;
    return lived;
  }
}
