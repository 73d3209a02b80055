import { DecodeError, ValueError } from "../../contracts/errors.ts";
import type { Reader } from "../values/reader.ts";
import type { Events } from "./events.ts";
import { type FailurePolicy, isIgnorable } from "./failure-policy.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { logTo } from "./log.ts";
import { type OperationMessage, operations, trace } from "./tracing.ts";

/** The call that something is done for. */
export interface Call {
  /** The method the user called. */
  readonly operation: string;
  /** The key the user gave, where there is one. */
  readonly key?: string;
}

/** What {@link Calls} are made of. */
export interface CallParts {
  readonly events: Events;
  readonly policy: FailurePolicy;
  /** What is put before keys in events. */
  readonly namespace: string;
  readonly lifecycle: Lifecycle;
}

/**
 * What every call of a cache, or of one view of it, passes: it lets none in once the cache is closed, counts, emits
 * events, and decides what a failing store means: the error, or under `ignoreErrors` a fallback. Bugs and bad
 * arguments are never swallowed.
 */
export class Calls {
  readonly #events: Events;
  readonly #counts: Events["counts"];
  readonly #heard: Events["heard"];
  readonly #policy: FailurePolicy;
  readonly #namespace: string;
  readonly #lifecycle: Lifecycle;

  constructor({ events, policy, namespace, lifecycle }: CallParts) {
    this.#events = events;
    this.#counts = events.counts;
    this.#heard = events.heard;
    this.#policy = policy;
    this.#namespace = namespace;
    this.#lifecycle = lifecycle;
  }

  /** Aborts when the cache, or the view, is closed. */
  get signal(): AbortSignal {
    return this.#lifecycle.signal;
  }

  /** Whether the cache, or the view, is closed. */
  get isClosed(): boolean {
    let one: Lifecycle | undefined = this.#lifecycle;
    while (one && !one.isClosed) one = one.outer;
    return one !== undefined;
  }

  /** Lets a call in, which must {@link Calls.end}. @throws ClosedError */
  begin(): void {
    let one: Lifecycle | undefined = this.#lifecycle;
    while (one) {
      if (one.isClosed) throw one.closedError();
      one = one.outer;
    }
    for (one = this.#lifecycle; one; one = one.outer) one.pending += 1;
  }

  /** The call is over, however it ended. */
  end(): void {
    for (let one: Lifecycle | undefined = this.#lifecycle; one; one = one.outer) {
      one.pending -= 1;
      if (one.whenIdle && one.pending === 0) one.whenIdle();
    }
  }

  /** @throws ClosedError */
  requireOpen(): void {
    if (this.isClosed) throw this.#lifecycle.closedError();
  }

  /** Makes a user's call: {@link Calls.attempt}, of which the tracing channel hears. */
  run<T, F>(call: Call, fallback: F, task: () => Promise<T>): Promise<T | F> {
    if (!operations.hasSubscribers) return this.attempt(call, fallback, task);
    return this.trace(call, () => this.attempt(call, fallback, task));
  }

  /** Returns what `task` resolves with, or `fallback` where the store failed and that is ignored. */
  async attempt<T, F>(call: Call, fallback: F, task: () => Promise<T>): Promise<T | F> {
    this.begin();
    try {
      return await task();
    } catch (error) {
      return this.recover(call, fallback, error);
    } finally {
      this.end();
    }
  }

  /** Returns what `task` resolves with; the store's failure is always the caller's to know. */
  require<T>(call: Call, task: () => Promise<T>): Promise<T> {
    if (!operations.hasSubscribers) return this.#require(call, task);
    return this.trace(call, () => this.#require(call, task));
  }

  /** Runs a whole call of which the tracing channel hears, if anybody does. */
  observe<T>(call: Call, task: () => Promise<T>): Promise<T> {
    return operations.hasSubscribers ? this.trace(call, task) : task();
  }

  /** Runs a call of which somebody wants to hear; ask {@link operations} first. */
  trace<T>({ operation, key }: Call, task: () => Promise<T>): Promise<T> {
    const message: OperationMessage = { cache: this.#events.name, operation };
    return trace(key === undefined ? message : { ...message, key: this.#namespace + key }, task);
  }

  /** Lets the read of one key in, which ends when it has handed over what it found. @throws ClosedError */
  read(call: Required<Call>, fallback: unknown): Reader<unknown> {
    this.begin();
    return new SingleRead(this, call, fallback);
  }

  hit(key: string): void {
    this.#counts.hits += 1;
    if (this.#heard.hit) this.#events.emitOfKey("hit", this.#namespace + key);
  }

  missed(key: string): void {
    this.#counts.misses += 1;
    if (this.#heard.miss) this.#events.emitOfKey("miss", this.#namespace + key);
  }

  wrote(key: string): void {
    this.#counts.writes += 1;
    if (this.#heard.write) this.#events.emitOfKey("write", this.#namespace + key);
  }

  deleted(key: string): void {
    this.#counts.deletes += 1;
    if (this.#heard.delete) this.#events.emitOfKey("delete", this.#namespace + key);
  }

  /** Counts keys that were removed without it being known which. */
  deletedMany(count: number): void {
    this.#counts.deletes += count;
  }

  loaded(): void {
    this.#counts.loads += 1;
  }

  /** Returns `fallback` where `error` is one to ignore, and throws it otherwise. Emits either. */
  recover<F>(call: Call, fallback: F, error: unknown): F {
    const ignored = this.ignores(error);
    this.report(call, error, ignored);
    if (!ignored) throw error;
    return fallback;
  }

  /** Whether a failure becomes a fallback. */
  ignores(error: unknown): boolean {
    return this.#policy.ignoreErrors && isIgnorable(error);
  }

  /** Counts a failure, emits it, and logs it where its caller does not see it. */
  report(call: Call, error: unknown, ignored: boolean): void {
    const { operation, key } = call;
    if (error instanceof ValueError && key !== undefined) error.at(key);
    const where = key === undefined ? {} : { key: this.#namespace + key };
    this.#events.failed({ operation, ...where, error, ignored });
    if (ignored && this.#policy.logIgnoredErrors && !this.#isKnownOutage(error)) {
      const what = `${this.#events.name}.${operation} failed, ignored`;
      logTo(this.#policy.logger, what, error);
    }
  }

  /** An open circuit has been logged; so many calls as meet it would bury that line. */
  #isKnownOutage(error: unknown): boolean {
    return this.#events.circuit === "open" && !(error instanceof DecodeError);
  }

  async #require<T>(call: Call, task: () => Promise<T>): Promise<T> {
    this.begin();
    try {
      return await task();
    } catch (error) {
      this.report(call, error, false);
      throw error;
    } finally {
      this.end();
    }
  }
}

/** A read of one key under way: `get` and its like. */
class SingleRead implements Reader<unknown> {
  readonly #calls: Calls;
  readonly #call: Required<Call>;
  readonly #fallback: unknown;

  constructor(calls: Calls, call: Required<Call>, fallback: unknown) {
    this.#calls = calls;
    this.#call = call;
    this.#fallback = fallback;
  }

  found(value: unknown): unknown {
    this.#calls.end();
    this.#calls.hit(this.#call.key);
    return value === undefined ? this.#fallback : value;
  }

  missed(): unknown {
    this.#calls.end();
    this.#calls.missed(this.#call.key);
    return this.#fallback;
  }

  failed(error: unknown): unknown {
    this.#calls.end();
    this.#calls.recover(this.#call, undefined, error);
    this.#calls.missed(this.#call.key);
    return this.#fallback;
  }
}
