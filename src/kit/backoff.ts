/** How pauses grow. */
export interface BackoffRules {
  /** The longest that the first pause can be. */
  readonly firstMs: number;
  /** The longest that any pause can be. */
  readonly longestMs: number;
  /** Returns a number from 0 up to, but not including, 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Pauses between attempts. Their bound doubles from one to the next, and each pause is drawn from the upper half of
 * its bound, so that processes that failed together do not all retry together
 * ("equal jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 */
export class Backoff {
  readonly #rules: BackoffRules;
  #attempts = 0;

  constructor(rules: BackoffRules) {
    this.#rules = rules;
  }

  /** Returns the next pause, in ms. */
  next(): number {
    const { firstMs, longestMs, random = Math.random } = this.#rules;
    const boundMs = Math.min(longestMs, firstMs * 2 ** this.#attempts++);
    return (boundMs / 2) * (1 + random());
  }

  /** Begins anew, after an attempt that succeeded. */
  reset(): void {
    this.#attempts = 0;
  }
}
