/**
 * Locks with a lifetime, told apart by a token, with a fence that grows with every acquisition.
 *
 * The lock's key belongs to the locker alone. Each method is atomic and one round trip.
 */
export interface Locker {
  /** Takes a free lock. Returns its fence (a number that only grows per key), or `undefined` when held. */
  acquire(key: string, token: string, ttlMs: number): Promise<number | undefined>;

  /** Sets the lifetime anew. Returns false when `token` no longer holds the lock. */
  extend(key: string, token: string, ttlMs: number): Promise<boolean>;

  /** Frees the lock. Returns false when `token` no longer held it. */
  release(key: string, token: string): Promise<boolean>;
}
