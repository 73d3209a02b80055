import type { Locker } from "../../contracts/locker.ts";
import type { Clock } from "../../kit/clock.ts";
import { LeaseTable } from "../../kit/lease-table.ts";

/** What a {@link MemoryLocker} needs to begin. */
export interface MemoryLockerOptions {
  /** Tells when locks end. */
  readonly clock: Clock;
}

/** Locks among those who share this object: nobody outside the process is kept out. */
export class MemoryLocker implements Locker {
  readonly #leases: LeaseTable;

  constructor({ clock }: MemoryLockerOptions) {
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
