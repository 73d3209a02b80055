import type { Clock } from "../kit/clock.ts";

/** A clock that moves only when a test advances it. */
export class ManualClock implements Clock {
  #nowMs: number;

  /** Starts at `startMs`, in Unix milliseconds. */
  constructor(startMs: number = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /**
   * Advances the time by `ms` milliseconds.
   *
   * @throws RangeError if `ms` is negative or infinite: a clock never runs backwards
   */
  advance(ms: number): void {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`A clock can be advanced by zero or more milliseconds, got ${ms}.`);
    }
    this.#nowMs += ms;
  }
}
