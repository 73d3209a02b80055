import type { Cache } from "cachewell";

/** How often each document was read, for ever. */
export class Views {
  readonly #cache: Cache;

  constructor(cache: Cache) {
    this.#cache = cache.namespace("views");
  }

  /** Counts one more view. Returns how many there are: 0 when the cache is away. */
  count(path: string): Promise<number | bigint> {
    return this.#cache.incr(path, 1, { ifMissing: "create", ttl: null });
  }
}
