import { DecodeError, isStoreFailure, ValueError } from "../../contracts/errors.ts";
import type { Logger } from "../../contracts/options.ts";
import { type Call, type Instrument, logTo } from "./instrument.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** What a failing store means to callers. */
export interface FailurePolicy {
  readonly ignoreErrors: boolean;
  readonly logIgnoredErrors: boolean;
  readonly logger: Logger;
}

/**
 * The one place that lets calls through to the store and decides what its failure means: the
 * error, or under `ignoreErrors` a fallback. Bugs and bad arguments are never swallowed.
 */
export class Guard {
  readonly #policy: FailurePolicy;
  readonly #lifecycle: Lifecycle;
  readonly #instrument: Instrument;

  constructor(policy: FailurePolicy, lifecycle: Lifecycle, instrument: Instrument) {
    this.#policy = policy;
    this.#lifecycle = lifecycle;
    this.#instrument = instrument;
  }

  /** Counts a call in that is recovered, and counted out, by its caller. @throws ClosedError */
  enter(): void {
    this.#lifecycle.enter();
  }

  /** Counts it out. */
  leave(): void {
    this.#lifecycle.leave();
  }

  /** Returns what `task` returns, or `fallback` where the store failed and that is ignored. */
  async run<T, F>(call: Call, fallback: F, task: () => Promise<T>): Promise<T | F> {
    this.#lifecycle.enter();
    try {
      return await task();
    } catch (error) {
      return this.recover(call, fallback, error);
    } finally {
      this.#lifecycle.leave();
    }
  }

  /** Returns what `task` returns; the store's failure is always the caller's to know. */
  async require<T>(call: Call, task: () => Promise<T>): Promise<T> {
    this.#lifecycle.enter();
    try {
      return await task();
    } catch (error) {
      throw this.#report(call, error, false);
    } finally {
      this.#lifecycle.leave();
    }
  }

  /** Returns `fallback` where `error` is one to ignore, and throws it otherwise. */
  recover<F>(call: Call, fallback: F, error: unknown): F {
    const ignored = this.#policy.ignoreErrors && isIgnorable(error);
    const reported = this.#report(call, error, ignored);
    if (!ignored) throw reported;
    return fallback;
  }

  #report(call: Call, error: unknown, ignored: boolean): unknown {
    if (error instanceof ValueError && call.key !== undefined) error.at(call.key);
    this.#instrument.failed(call, error, ignored);
    if (ignored && this.#policy.logIgnoredErrors && !this.#isKnownOutage(error)) {
      const what = `${this.#instrument.name}.${call.operation} failed, ignored`;
      logTo(this.#policy.logger, what, error);
    }
    return error;
  }

  /** An open circuit has been logged; so many calls as meet it would bury that line. */
  #isKnownOutage(error: unknown): boolean {
    return this.#instrument.circuit === "open" && !(error instanceof DecodeError);
  }
}

/** The failures of a store, as against those of its user or of this library. */
function isIgnorable(error: unknown): boolean {
  return error instanceof DecodeError || isStoreFailure(error);
}
