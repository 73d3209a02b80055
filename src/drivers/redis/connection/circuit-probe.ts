import type { CircuitBreaker, CircuitListener } from "../../../kit/circuit-breaker.ts";
import { runAfter } from "../../../kit/timer.ts";

/** The shortest pause between two probes, in ms; they come at random, up to twice as far apart. */
const pauseMs = 20;

/** What a {@link CircuitProbe} needs to know. */
export interface ProbeRules {
  /** Resolves once the server answers. */
  readonly probe: () => Promise<void>;
  /** How long no attempt to connect is made, in ms. */
  readonly pauseMs: () => number;
}

/** Probes the server behind an open circuit until it answers, and then closes the circuit. */
export class CircuitProbe implements CircuitListener {
  readonly #breaker: CircuitBreaker;
  readonly #rules: ProbeRules;
  #cancel: (() => void) | undefined;

  constructor(breaker: CircuitBreaker, rules: ProbeRules) {
    this.#breaker = breaker;
    this.#rules = rules;
    breaker.listen(this);
  }

  circuitOpened(): void {
    this.#probeAfter(0);
  }

  circuitClosed(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Probes no longer, now or later. */
  stop(): void {
    this.#breaker.unlisten(this);
    this.circuitClosed();
  }

  #probeAfter(ms: number): void {
    this.#cancel?.();
    this.#cancel = runAfter(ms, () => void this.#probe());
  }

  async #probe(): Promise<void> {
    try {
      await this.#rules.probe();
      this.#breaker.succeeded();
    } catch {
      // the next probe follows
    }
    if (!this.#cancel) return;
    this.#probeAfter(Math.max(pauseMs * (1 + Math.random()), this.#rules.pauseMs()));
  }
}
