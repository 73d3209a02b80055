/** How much may be under way at once. */
export interface InFlightBounds {
  readonly maxCalls: number;
  readonly maxBytes: number;
}

/** Counts what is under way, against bounds. */
export class InFlight {
  readonly bounds: InFlightBounds;
  #calls = 0;
  #bytes = 0;

  constructor(bounds: InFlightBounds) {
    this.bounds = bounds;
  }

  /** Which bound is reached, if one is. What comes before is let in whole, however large. */
  get reached(): keyof InFlightBounds | undefined {
    if (this.#calls >= this.bounds.maxCalls) return "maxCalls";
    return this.#bytes >= this.bounds.maxBytes ? "maxBytes" : undefined;
  }

  enter(calls: number, bytes: number): void {
    this.#calls += calls;
    this.#bytes += bytes;
  }

  leave(calls: number, bytes: number): void {
    this.enter(-calls, -bytes);
  }
}
