import type { MemberIndex } from "../../contracts/records.ts";
import { ExpiringMap, type ExpiringMapOptions } from "./expiring-map.ts";

/** Members and when their leases are over. */
type Leases = Map<string, number>;

/** Members with leases in this process's memory. */
export class MemoryIndex implements MemberIndex {
  readonly #options: ExpiringMapOptions;
  readonly #sets: ExpiringMap<Leases>;

  constructor(options: ExpiringMapOptions) {
    this.#options = options;
    this.#sets = new ExpiringMap(options);
  }

  /** Forgets all sets. */
  clear(): void {
    this.#sets.clear();
  }

  async add(key: string, member: string, leaseMs: number): Promise<void> {
    const now = this.#options.clock.now();
    const leases: Leases = this.#sets.find(key)?.value ?? new Map();
    leases.set(member, now + leaseMs);
    this.#sets.set(key, { value: leases, expiresAtMs: dropPast(leases, now) });
  }

  async remove(key: string, members: readonly string[]): Promise<void> {
    const leases = this.#sets.find(key)?.value;
    for (const member of members) leases?.delete(member);
    if (leases?.size === 0) this.#sets.delete(key);
  }

  async members(key: string): Promise<readonly string[]> {
    return [...(this.#sets.find(key)?.value.keys() ?? [])];
  }
}

/** Drops the leases that are over. Returns when the last of the others will be, which is now where none is left. */
function dropPast(leases: Leases, now: number): number {
  let last = now;
  for (const [member, untilMs] of leases) {
    if (untilMs <= now) leases.delete(member);
    else last = Math.max(last, untilMs);
  }
  return last;
}
