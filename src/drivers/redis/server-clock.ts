/** How long what the server told of its time is believed: no two clocks run apart much in that time. */
const believedMs = 10_000;

/** How long an answer may have taken to be believed for longer: half of it is what the clock may be wrong by. */
const longestAnswerMs = 20;

/** The clock of a server, by what it told of its time a while ago at most. */
export class ServerClock {
  #aheadMs = 0;
  #believedUntilMs = Number.NEGATIVE_INFINITY;

  /** Whether it tells the time to within 10 ms. */
  get isKnown(): boolean {
    return performance.now() < this.#believedUntilMs;
  }

  /** The server's time in unix ms, once it was told. */
  now(): number {
    return performance.now() + this.#aheadMs;
  }

  /** To be called when the server is asked for its time. Returns what takes the answer. */
  ask(): (serverMs: number) => void {
    const askedAtMs = performance.now();
    return (serverMs) => {
      const answeredAtMs = performance.now();
      const tookMs = answeredAtMs - askedAtMs;
      if (tookMs <= longestAnswerMs) this.#believe(serverMs + tookMs / 2, answeredAtMs);
      else if (!this.isKnown) this.#aheadMs = serverMs - answeredAtMs; // late, at worst
    };
  }

  #believe(serverMs: number, atMs: number): void {
    this.#aheadMs = serverMs - atMs;
    this.#believedUntilMs = atMs + believedMs;
  }
}
