import { LRUCache } from "lru-cache";
import type { Clock } from "../../kit/clock.ts";
import { RoundWalk } from "../../kit/round-walk.ts";

/** A value and the moment of its end; `Infinity` for one that has none. */
export interface Expiring<V> {
  readonly value: V;
  readonly expiresAtMs: number;
}

/** What an {@link ExpiringMap} needs to begin. */
export interface ExpiringMapOptions {
  /** How many entries it holds before the least recently used one goes. At least 1. */
  readonly maxEntries: number;

  /** Tells when entries end. */
  readonly clock: Clock;
}

/** How many mortal keys each write looks at, so that dead entries do not pile up. */
const keysSweptPerWrite = 4;

/**
 * A map bounded by a number of entries, each of which has an end. An entry whose end has come is
 * gone for every method; its memory is freed on access, or by a later write.
 */
export class ExpiringMap<V> {
  readonly #clock: Clock;
  readonly #maxEntries: number;
  /** Made by the first write: it takes room for all entries at once. */
  #entries: LRUCache<string, Expiring<V>> | undefined;
  readonly #mortalKeys: Set<string> = new Set();
  readonly #sweep: RoundWalk<string> = new RoundWalk(this.#mortalKeys);

  constructor({ maxEntries, clock }: ExpiringMapOptions) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
  }

  /** Counts the entries kept, dead ones that were not swept yet among them. */
  get size(): number {
    return this.#entries?.size ?? 0;
  }

  /** Returns the living entry, which counts as a use of it. */
  find(key: string): Expiring<V> | undefined {
    return this.#living(key, this.#entries?.get(key));
  }

  /** Returns the living entry, and leaves its place in the order of use. */
  peek(key: string): Expiring<V> | undefined {
    return this.#living(key, this.#entries?.peek(key));
  }

  /** Sweeps before it writes, so that in a full map dead entries give way before living ones. */
  set(key: string, entry: Expiring<V>): void {
    this.#sweepSome();
    if (entry.expiresAtMs <= this.#clock.now()) {
      this.#entries?.delete(key);
      return;
    }
    this.#entries ??= new LRUCache({ max: this.#maxEntries });
    this.#entries.set(key, entry);
    if (isMortal(entry)) this.#mortalKeys.add(key);
  }

  /** Returns whether there was something, be it dead. */
  delete(key: string): boolean {
    return this.#entries?.delete(key) ?? false;
  }

  /** Returns the keys as they are now; some may be dead. */
  keys(): string[] {
    return [...(this.#entries?.keys() ?? [])];
  }

  clear(): void {
    this.#entries?.clear();
    this.#mortalKeys.clear();
  }

  #living(key: string, entry: Expiring<V> | undefined): Expiring<V> | undefined {
    if (!entry || entry.expiresAtMs > this.#clock.now()) return entry;
    this.#entries?.delete(key);
    return undefined;
  }

  #sweepSome(): void {
    for (let step = 0; step < keysSweptPerWrite; step++) {
      const key = this.#sweep.next();
      if (key === undefined) return;
      if (!isMortal(this.peek(key))) this.#mortalKeys.delete(key);
    }
  }
}

/** Whether it is there, and has an end. */
export function isMortal(entry: Expiring<unknown> | undefined): boolean {
  return entry !== undefined && entry.expiresAtMs !== Number.POSITIVE_INFINITY;
}
