import type { Lock } from "../../contracts/cache.ts";
import { LockLostError, mayBeApplied } from "../../contracts/errors.ts";
import type { Locker } from "../../contracts/locker.ts";
import type { Duration } from "../../kit/duration.ts";
import { parseFiniteDuration } from "../../kit/duration.ts";
import { runAfter } from "../../kit/timer.ts";
import type { Call, Calls } from "../calls/calls.ts";

/** A lock that was just taken. */
export interface Acquisition {
  readonly key: string;
  readonly lockKey: string;
  readonly token: string;
  readonly fence: number;
  readonly ttlMs: number;
  /** When the request for it was sent, on the monotonic clock: the server counts from later. */
  readonly askedAtMs: number;
  readonly autoExtend: boolean;
}

/**
 * A lock that this process holds, as far as it can know: until it is released, is found lost, or
 * its lifetime, counted from before it was asked for, has run out on the monotonic clock.
 */
export class HeldLock implements Lock {
  readonly key: string;
  readonly token: string;
  readonly fence: number;
  readonly signal: AbortSignal;
  readonly #locker: Locker;
  readonly #calls: Calls;
  readonly #taken: Acquisition;
  readonly #lost = new AbortController();
  #endsAtMs: number;
  #released = false;
  /** A release was sent and not answered: it may be another's by now. */
  #mayBeFree = false;
  #stopWatch: () => void = () => {};
  #stopExtending: () => void = () => {};

  constructor(locker: Locker, calls: Calls, taken: Acquisition) {
    this.key = taken.key;
    this.token = taken.token;
    this.fence = taken.fence;
    this.signal = this.#lost.signal;
    this.#locker = locker;
    this.#calls = calls;
    this.#taken = taken;
    this.#endsAtMs = taken.askedAtMs + taken.ttlMs;
    this.#watch();
    if (taken.autoExtend) this.#extendEvery(taken.ttlMs / 3);
  }

  isHeld(): boolean {
    if (this.#released || this.#mayBeFree || this.signal.aborted) return false;
    return performance.now() < this.#endsAtMs;
  }

  async extend(ttl?: Duration): Promise<void> {
    const ttlMs = ttl === undefined ? this.#taken.ttlMs : parseFiniteDuration("ttl", ttl);
    const { lockKey, token } = this.#taken;
    const askedAtMs = performance.now();
    const held = await this.#calls.require(this.#call("lock.extend"), () =>
      this.#locker.extend(lockKey, token, ttlMs),
    );
    if (!held || this.#released || this.signal.aborted) throw this.#lose();
    this.#endsAtMs = askedAtMs + ttlMs;
    this.#mayBeFree = false;
    this.#watch();
    if (this.#taken.autoExtend) this.#extendEvery(ttlMs / 3);
  }

  async release(): Promise<boolean> {
    if (this.#released) return false;
    this.#released = true;
    this.#stopTimers();
    const { lockKey, token } = this.#taken;
    try {
      return await this.#calls.require(this.#call("lock.release"), () =>
        this.#locker.release(lockKey, token),
      );
    } catch (error) {
      this.#released = false; // not known to be free, so it may be tried again
      this.#mayBeFree ||= mayBeApplied(error);
      this.#watch();
      throw error;
    }
  }

  /** Whether it was given back, rather than lost or still held. */
  wasReleased(): boolean {
    return this.#released;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release();
  }

  /** Finds the lock lost at the moment its lifetime runs out. */
  #watch(): void {
    this.#stopWatch();
    this.#stopWatch = runAfter(this.#endsAtMs - performance.now(), () => this.#lose());
  }

  /** Extends at every third of the lifetime, so that two attempts may fail before it runs out. */
  #extendEvery(thirdMs: number): void {
    this.#stopExtending();
    this.#stopExtending = runAfter(thirdMs, () => {
      if (this.#released || this.signal.aborted) return;
      this.#extendEvery(thirdMs);
      this.extend().catch(() => undefined); // reported by `calls`; the watch tells when it is too late
    });
  }

  #lose(): LockLostError {
    this.#stopTimers();
    const error = new LockLostError({ key: this.key });
    if (!this.#released) this.#lost.abort(error);
    return error;
  }

  #stopTimers(): void {
    this.#stopWatch();
    this.#stopExtending();
  }

  #call(operation: string): Call {
    return { operation, key: this.key };
  }
}
