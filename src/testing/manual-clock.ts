import type { Clock } from "../kit/clock.ts";

/** A clock that stands still until it is turned. */
export class ManualClock implements Clock {
  #nowMs: number;

  /** Starts at a moment in unix milliseconds; any will do for most tests. */
  constructor(startMs: number = 1_700_000_000_000) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /**
   * Moves the time on.
   *
   * @throws RangeError for a negative or endless step: a clock never runs backwards
   */
  advance(ms: number): void {
    if (!(ms >= 0 && ms < Number.POSITIVE_INFINITY)) {
      throw new RangeError(`A clock can be advanced by zero or more milliseconds, got ${ms}.`);
    }
    this.#nowMs += ms;
  }
}
