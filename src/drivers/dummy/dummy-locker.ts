import type { Locker } from "../../contracts/locker.ts";
import type { Clock } from "../../kit/clock.ts";
import { LeaseTable } from "../../kit/lease-table.ts";

/** What a {@link DummyLocker} needs to begin. */
export interface DummyLockerOptions {
  /** Tells when locks end. */
  readonly clock: Clock;
}

/** Real locks, in this process: code that relies on one must stay right while nothing is cached. */
export class DummyLocker implements Locker {
  readonly #leases: LeaseTable;

  constructor({ clock }: DummyLockerOptions) {
    this.#leases = new LeaseTable(clock);
  }

  async acquire(key: string, token: string, ttlMs: number): Promise<number | undefined> {
    return this.#leases.acquire(key, token, ttlMs);
  }

  async extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    return this.#leases.extend(key, token, ttlMs);
  }

  async release(key: string, token: string): Promise<boolean> {
    return this.#leases.release(key, token);
  }
}
