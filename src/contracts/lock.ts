import type { Duration } from "../kit/duration.ts";

/** A lock that is held. */
export interface Lock {
  readonly key: string;
  /** What tells this holder from another. */
  readonly token: string;
  /** Grows with every acquisition of this key; give it to the resource that the lock protects. */
  readonly fence: number;

  /** Aborts with `LockLostError` as its reason once the lock is known to be lost. */
  readonly signal: AbortSignal;

  /**
   * Sets the lifetime anew, to `ttl` or to the one it was taken with. One round trip.
   *
   * @throws LockLostError when it is no longer held
   */
  extend(ttl?: Duration): Promise<void>;

  /** Frees the lock. Returns false when it was already lost. One round trip. */
  release(): Promise<boolean>;

  /** Whether it is held as far as this process can know: not released, not lost, not run out. */
  isHeld(): boolean;

  [Symbol.asyncDispose](): Promise<void>;
}
