import { setImmediate as turn } from "node:timers/promises";

/** Chance that comes out the same for the same seed. */
export class Seeded {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Returns a whole number from 0 to below `bound`. */
  below(bound: number): number {
    this.#state = (this.#state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  }

  /** Whether one of `odds` chances came true. */
  once(odds: number): boolean {
    return this.below(odds) === 0;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T; // below its length
  }

  /** Gives others their turn, or does not: for no time, some microtasks, or some rounds of the event loop. */
  async pause(): Promise<void> {
    const kind = this.below(10);
    if (kind < 4) return;
    if (kind < 7) for (let step = this.below(4); step >= 0; step--) await Promise.resolve();
    else for (let round = this.below(3); round >= 0; round--) await turn();
  }
}
