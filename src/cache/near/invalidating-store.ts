import type { Encoded } from "../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  Lifetime,
  ReadReply,
  ScanRules,
  SharedReads,
  Store,
  WriteEntry,
  WriteReply,
  WriteRules,
} from "../../contracts/store.ts";
import type { NearCache } from "./near-cache.ts";

/**
 * Wraps a store; evicts each written key from the near cache before the command is sent, and again after the reply.
 * So the near cache serves no value of before a write after it, and keeps no read that was under way meanwhile.
 */
export class InvalidatingStore implements Store {
  readonly name: string;
  readonly #store: Store;
  readonly #near: NearCache;

  constructor(store: Store, near: NearCache) {
    this.name = store.name;
    this.#store = store;
    this.#near = near;
  }

  get(key: string): Promise<Encoded | undefined> {
    return this.#store.get(key);
  }

  get sharedReads(): SharedReads | undefined {
    return this.#store.sharedReads;
  }

  getMany(keys: readonly string[]): Promise<readonly ReadReply[]> {
    return this.#store.getMany(keys);
  }

  set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean> {
    return this.#invalidate([key], () => this.#store.set(key, bytes, rules));
  }

  setMany(entries: readonly WriteEntry[]): Promise<readonly WriteReply[]> {
    const keys = entries.map(({ key }) => key);
    return this.#invalidate(keys, () => this.#store.setMany(entries));
  }

  take(key: string): Promise<Encoded | undefined> {
    return this.#invalidate([key], () => this.#store.take(key));
  }

  has(key: string): Promise<boolean> {
    return this.#store.has(key);
  }

  delete(keys: readonly string[]): Promise<Deletion> {
    return this.#invalidate(keys, () => this.#store.delete(keys));
  }

  count(key: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure> {
    return this.#invalidate([key], () => this.#store.count(key, delta, rules));
  }

  expire(key: string, lifetime: Lifetime): Promise<boolean> {
    return this.#invalidate([key], () => this.#store.expire(key, lifetime));
  }

  expireAt(key: string, unixMs: number): Promise<boolean> {
    return this.#invalidate([key], () => this.#store.expireAt(key, unixMs));
  }

  persist(key: string): Promise<boolean> {
    return this.#invalidate([key], () => this.#store.persist(key));
  }

  remainingMs(key: string): Promise<number | null> {
    return this.#store.remainingMs(key);
  }

  rename(from: string, to: string): Promise<boolean> {
    return this.#invalidate([from, to], () => this.#store.rename(from, to));
  }

  scan(pattern: string, rules: ScanRules): AsyncIterable<readonly string[]> {
    return this.#store.scan(pattern, rules);
  }

  async flush(): Promise<void> {
    this.#near.forgetAll();
    try {
      await this.#store.flush();
    } finally {
      this.#near.forgetAll();
    }
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  async #invalidate<T>(keys: readonly string[], write: () => Promise<T>): Promise<T> {
    this.#near.forget(keys);
    try {
      return await write();
    } finally {
      this.#near.forget(keys);
    }
  }
}
