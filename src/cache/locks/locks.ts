import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { requireFlag } from "../../checks/require.ts";
import type { Lock, LockOptions } from "../../contracts/cache.ts";
import {
  CommandTimeoutError,
  LockLostError,
  LockTimeoutError,
  StoreUnavailableError,
} from "../../contracts/errors.ts";
import type { Locker } from "../../contracts/locker.ts";
import { parseDuration, parseFiniteDuration } from "../../kit/duration.ts";
import type { Calls } from "../calls/calls.ts";
import { HeldLock } from "./held-lock.ts";

/** The lock to take: the user's key, and the stored key of its lock. */
export interface LockName {
  readonly key: string;
  readonly lockKey: string;
}

/** Takes locks, and runs work under them. */
export class Locks {
  readonly #locker: Locker;
  readonly #calls: Calls;

  constructor(locker: Locker, calls: Calls) {
    this.#locker = locker;
    this.#calls = calls;
  }

  /** Takes the lock, asking again and again as long as `wait`. */
  async acquire(name: LockName, options: Partial<LockOptions>): Promise<HeldLock> {
    const { ttlMs, waitMs, retryDelayMs, autoExtend } = resolveLockOptions(options);
    const giveUpAtMs = performance.now() + waitMs;
    for (;;) {
      const lock = await this.#attempt(name, ttlMs, autoExtend);
      if (lock) return lock;
      const leftMs = giveUpAtMs - performance.now();
      if (leftMs <= 0) throw new LockTimeoutError({ ...name, waitMs });
      await sleep(Math.min(leftMs, retryDelayMs * (0.75 + Math.random() / 2)));
    }
  }

  /**
   * Runs `task` under the lock and frees it. A lock that was lost meanwhile is what the caller
   * hears of; the task's own error, if there is one, is its cause.
   */
  async run<T>(
    name: LockName,
    options: Partial<LockOptions>,
    task: (signal: AbortSignal, lock: Lock) => T | Promise<T>,
  ): Promise<T> {
    const lock = await this.acquire(name, options);
    let result: T;
    try {
      result = await task(lock.signal, lock);
    } catch (error) {
      await this.#free(lock);
      throw lock.signal.aborted ? new LockLostError({ ...name, cause: error }) : error;
    }
    if (!(await this.#free(lock))) throw new LockLostError(name);
    return result;
  }

  async #attempt(
    { key, lockKey }: LockName,
    ttlMs: number,
    autoExtend: boolean,
  ): Promise<HeldLock | undefined> {
    const token = randomBytes(16).toString("base64url");
    const askedAtMs = performance.now();
    const fence = await this.#calls.require({ operation: "lock", key }, () =>
      this.#acquireOrGiveBack(lockKey, token, ttlMs),
    );
    if (fence === undefined) return undefined;
    const taken = { key, lockKey, token, fence, ttlMs, askedAtMs, autoExtend };
    const lock = new HeldLock(this.#locker, this.#calls, taken);
    if (lock.isHeld()) return lock;
    await lock.release(); // the answer took longer than the lock lives: that is no lock to hand out
    return undefined;
  }

  /** A request whose answer was lost may have taken the lock: it is given back, or it lapses. */
  async #acquireOrGiveBack(
    lockKey: string,
    token: string,
    ttlMs: number,
  ): Promise<number | undefined> {
    try {
      return await this.#locker.acquire(lockKey, token, ttlMs);
    } catch (error) {
      const lost = error instanceof CommandTimeoutError || error instanceof StoreUnavailableError;
      if (lost && error.maybeApplied) this.#locker.release(lockKey, token).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Frees a lock after its work, unless the work has. Returns whether the work was done under it: where the store cannot be
   * asked, as far as this process knows, and the lock lapses by itself.
   */
  async #free(lock: HeldLock): Promise<boolean> {
    if (lock.wasReleased()) return true;
    const wasHeld = lock.isHeld();
    try {
      return await lock.release();
    } catch {
      return wasHeld; // reported by the guard
    }
  }
}

/** Whoever waits looks again at least this often. */
const longestPauseMs = 3_600_000;

interface LockRules {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly retryDelayMs: number;
  readonly autoExtend: boolean;
}

function resolveLockOptions(options: Partial<LockOptions>): LockRules {
  const { ttl, wait = "10s", retryDelay = "100ms", autoExtend = false } = options;
  return {
    ttlMs: parseFiniteDuration("ttl", ttl),
    waitMs: Math.max(0, parseDuration("wait", wait) ?? Number.POSITIVE_INFINITY),
    retryDelayMs: Math.min(parseFiniteDuration("retryDelay", retryDelay), longestPauseMs),
    autoExtend: requireFlag("autoExtend", autoExtend),
  };
}
