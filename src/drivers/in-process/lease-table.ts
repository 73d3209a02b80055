import type { Locker } from "../../contracts/locker.ts";
import type { Clock } from "../../kit/clock.ts";
import { RoundWalk } from "../../kit/round-walk.ts";

interface Lease {
  readonly token: string;
  readonly expiresAtMs: number;
}

/** How many leases each acquisition looks at, to forget the ended ones that nobody released. */
const leasesSweptPerAcquire = 2;

/**
 * A locker in this process: who holds what until when, among those who share this object. Its methods
 * are asynchronous as those of a locker over the network are; none gives up control on its way.
 *
 * Fences come from one counter for all keys, which never falls behind the clock's microseconds: they
 * grow per key without a memory per key, and go on growing in a table made later.
 */
export class LeaseTable implements Locker {
  readonly #clock: Clock;
  readonly #leases: Map<string, Lease> = new Map();
  readonly #sweep: RoundWalk<[string, Lease]> = new RoundWalk(this.#leases);
  #lastFence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts the leases kept, ended ones that were not swept yet among them. */
  get size(): number {
    return this.#leases.size;
  }

  /** Takes a free lease. Returns its fence, or `undefined` when it is held. */
  async acquire(key: string, token: string, ttlMs: number): Promise<number | undefined> {
    this.#forgetSomeEnded();
    if (this.#holder(key) !== undefined) return undefined;
    this.#give(key, token, ttlMs);
    this.#lastFence = Math.max(this.#lastFence + 1, Math.floor(this.#clock.now() * 1_000));
    return this.#lastFence;
  }

  /** Sets the lifetime anew. Returns false when `token` does not hold the lease. */
  async extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    if (this.#holder(key) !== token) return false;
    this.#give(key, token, ttlMs);
    return true;
  }

  /** Frees the lease. Returns false when `token` does not hold it. */
  async release(key: string, token: string): Promise<boolean> {
    return this.#holder(key) === token && this.#leases.delete(key);
  }

  #give(key: string, token: string, ttlMs: number): void {
    this.#leases.set(key, { token, expiresAtMs: this.#clock.now() + ttlMs });
  }

  #holder(key: string): string | undefined {
    const lease = this.#leases.get(key);
    if (!lease || lease.expiresAtMs > this.#clock.now()) return lease?.token;
    this.#leases.delete(key);
    return undefined;
  }

  #forgetSomeEnded(): void {
    for (let step = 0; step < leasesSweptPerAcquire; step++) {
      const [key] = this.#sweep.next() ?? [];
      if (key === undefined) return;
      this.#holder(key);
    }
  }
}
