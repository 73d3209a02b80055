/** When a circuit opens, and how long it holds calls back. */
export interface CircuitRules {
  /** How many failures in a row open it, 1 or more; `Infinity`: it never opens. */
  readonly threshold: number;
  /** While it is open, one call in this time goes through as a trial. */
  readonly cooldownMs: number;
}

/** Hears when a circuit opens, with the failure that opened it, and when it closes. */
export interface CircuitListener {
  circuitOpened(cause: unknown): void;
  circuitClosed(): void;
}

/**
 * Holds calls back from something that has failed several times in a row, until it works again
 * (https://martinfowler.com/bliki/CircuitBreaker.html). The caller reports the outcome of each call, probes
 * while the circuit is open, and reports that outcome, too.
 */
export class CircuitBreaker {
  readonly #rules: CircuitRules;
  readonly #now: () => number;
  readonly #listeners = new Set<CircuitListener>();
  /** Failures since the latest success. A plain field, so that a success after a success costs one comparison. */
  failures = 0;
  /** Whether calls are held back, but for one per cooldown. A plain field for the same reason. */
  isOpen = false;
  #cause: unknown;
  #triesAtMs = 0;

  constructor(rules: CircuitRules, now: () => number = () => performance.now()) {
    this.#rules = rules;
    this.#now = now;
  }

  /** The latest failure since the latest success. */
  get cause(): unknown {
    return this.#cause;
  }

  /** Calls `listener` at once, too, if the circuit is open already. */
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
    const wasOpen = this.isOpen;
    this.failures = 0;
    this.isOpen = false;
    this.#cause = undefined;
    if (wasOpen) this.#tell((listener) => listener.circuitClosed());
  }

  /** @param times how many calls failed so at once */
  failed(cause: unknown, times = 1): void {
    if (times === 0) return;
    const wasOpen = this.isOpen;
    this.#cause = cause;
    this.failures += times;
    this.isOpen = this.failures >= this.#rules.threshold;
    if (wasOpen || !this.isOpen) return;
    this.#triesAtMs = this.#now() + this.#rules.cooldownMs;
    this.#tell((listener) => listener.circuitOpened(cause));
  }

  #tell(tell: (listener: CircuitListener) => void): void {
    for (const listener of Array.from(this.#listeners)) tell(listener); // they may come and go
  }
}
