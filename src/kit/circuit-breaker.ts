/** When a circuit opens, and how long it lets nobody through. */
export interface CircuitRules {
  /** How many failures in a row open it, 1 or more; `Infinity`: it never opens. */
  readonly threshold: number;
  /** While open, one call in this time is let through to try. */
  readonly cooldownMs: number;
}

/** Told when a circuit opens, with the failure that opened it, and when it closes. */
export interface CircuitListener {
  circuitOpened(cause: unknown): void;
  circuitClosed(): void;
}

/**
 * Keeps calls from something that has failed several times in a row, until it is known to work
 * again (https://martinfowler.com/bliki/CircuitBreaker.html). Whoever makes the calls reports how
 * they ended, tries by itself while the circuit is open, and reports that too.
 */
export class CircuitBreaker {
  readonly #rules: CircuitRules;
  readonly #now: () => number;
  readonly #listeners = new Set<CircuitListener>();
  #failures = 0;
  #cause: unknown;
  #triesAtMs = 0;

  constructor(rules: CircuitRules, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#now = now;
  }

  get isOpen(): boolean {
    return this.#failures >= this.#rules.threshold;
  }

  /** The latest failure since the latest success. */
  get cause(): unknown {
    return this.#cause;
  }

  /** Tells `listener` at once, too, when the circuit is open already. */
  listen(listener: CircuitListener): void {
    this.#listeners.add(listener);
    if (this.isOpen) listener.circuitOpened(this.#cause);
  }

  unlisten(listener: CircuitListener): void {
    this.#listeners.delete(listener);
  }

  /** Returns whether a call may be made now. */
  admits(): boolean {
    if (!this.isOpen) return true;
    const nowMs = this.#now();
    if (nowMs < this.#triesAtMs) return false;
    this.#triesAtMs = nowMs + this.#rules.cooldownMs;
    return true;
  }

  succeeded(): void {
    if (this.#failures === 0) return;
    const wasOpen = this.isOpen;
    this.#failures = 0;
    this.#cause = undefined;
    if (wasOpen) this.#tell((listener) => listener.circuitClosed());
  }

  /** @param times how many calls failed so at once */
  failed(cause: unknown, times = 1): void {
    if (times === 0) return;
    const wasOpen = this.isOpen;
    this.#cause = cause;
    this.#failures += times;
    if (wasOpen || !this.isOpen) return;
    this.#triesAtMs = this.#now() + this.#rules.cooldownMs;
    this.#tell((listener) => listener.circuitOpened(cause));
  }

  #tell(tell: (listener: CircuitListener) => void): void {
    for (const listener of Array.from(this.#listeners)) tell(listener); // they may come and go
  }
}
