/** How long a sample of the server's time counts: no two clocks drift apart by much in that time. */
const validMs = 10_000;

/** Only samples with a round trip below this count for longer; the error is at most half of it. */
const longestRoundTripMs = 20;

/** The clock of a server, by the latest sample of its time. */
export class ServerClock {
  #aheadMs = 0;
  #validUntilMs = Number.NEGATIVE_INFINITY;

  /** Whether it is right to within 10 ms. */
  get isKnown(): boolean {
    return performance.now() < this.#validUntilMs;
  }

  /** The server's time in unix ms, once there was a sample. */
  now(): number {
    return performance.now() + this.#aheadMs;
  }

  /** Call it when the server is asked for its time. Returns the function that takes the answer. */
  ask(): (serverMs: number) => void {
    const askedAtMs = performance.now();
    return (serverMs) => {
      const answeredAtMs = performance.now();
      const tookMs = answeredAtMs - askedAtMs;
      if (tookMs <= longestRoundTripMs) this.#take(serverMs + tookMs / 2, answeredAtMs);
      else if (!this.isKnown) this.#aheadMs = serverMs - answeredAtMs; // late, at worst
    };
  }

  #take(serverMs: number, atMs: number): void {
    this.#aheadMs = serverMs - atMs;
    this.#validUntilMs = atMs + validMs;
  }
}
