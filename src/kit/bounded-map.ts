import { LRUCache } from "lru-cache";

/** What bounds a {@link BoundedMap}. Both are at least 1. */
export interface MapBounds {
  readonly maxEntries: number;
  /** The sum of the sizes that entries are set with. */
  readonly maxSize: number;
}

/**
 * A map bounded in entries and in their sizes: the least recently used go first. An entry larger
 * than `maxSize` is not kept at all.
 */
export class BoundedMap<V extends object> {
  readonly #entries: LRUCache<string, V>;
  #evictions = 0;

  constructor({ maxEntries, maxSize }: MapBounds) {
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize,
      dispose: (_value, _key, reason) => {
        if (reason === "evict") this.#evictions += 1;
      },
    });
  }

  get count(): number {
    return this.#entries.size;
  }

  get size(): number {
    return this.#entries.calculatedSize;
  }

  /** How many entries were evicted to make room for others. */
  get evictions(): number {
    return this.#evictions;
  }

  /** Returns the entry, which counts as a use of it. */
  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V, size: number): void {
    this.#entries.set(key, value, { size });
  }

  /** Returns whether there was one. */
  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}
