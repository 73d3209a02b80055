import type { Duration } from "../kit/duration.ts";

/** A lock that this process has acquired. */
export interface Lock {
  readonly key: string;
  /** Identifies this holder. */
  readonly token: string;
  /** The fence: it grows with every acquisition of this key. Send it to the resource that the lock protects. */
  readonly fence: number;

  /** Aborts with a `LockLostError` as its reason once this process knows that the lock is lost. */
  readonly signal: AbortSignal;

  /**
   * Restarts the lifetime, with `ttl` or with the one of the acquisition. One round trip.
   *
   * @throws LockLostError when this process no longer holds the lock
   */
  extend(ttl?: Duration): Promise<void>;

  /** Releases the lock. Returns false when it was already lost. One round trip. */
  release(): Promise<boolean>;

  /** Whether this process holds the lock as far as it can know: not released, not lost, not expired. */
  isHeld(): boolean;

  [Symbol.asyncDispose](): Promise<void>;
}
