import { requireFunction, requireWhole } from "../checks/require.ts";
import type {
  AddOptions,
  BulkLoader,
  Cache,
  DeletePatternOptions,
  Entries,
  Factory,
  GetOptions,
  GetOrSetOptions,
  IncrOptions,
  KeyOptions,
  Lock,
  LockOptions,
  Memoized,
  MemoizeOptions,
  RawClientOptions,
  ScanOptions,
  SetManyOptions,
  SetOptions,
} from "../contracts/cache.ts";
import { CacheMissError } from "../contracts/errors.ts";
import type { CacheEventName, CacheListener, CacheStats } from "../contracts/events.ts";
import { sessionBackend } from "../contracts/session-backend.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import type { Duration } from "../kit/duration.ts";
import type { BulkVerbs } from "./bulk-verbs.ts";
import { assembleView, type CacheParts } from "./cache-parts.ts";
import type { KeyVerbs } from "./key-verbs.ts";
import type { LockName } from "./locks/locks.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import { resolveDelta } from "./options/counters.ts";
import { requireValue } from "./options/write-rules.ts";
import type { Load } from "./read-through/get-or-set.ts";
import { resolveLoadLifetimes, toFactory } from "./read-through/loads.ts";
import { memoizeWith } from "./read-through/memoize.ts";
import { toSessionBackend } from "./session-backend.ts";
import { requireLifetime, resolveLifetime, resolveMoment, resolveMs } from "./values/lifetimes.ts";

/** The cache that users hold: a façade. Each verb resolves its arguments and hands over to the part that does it. */
export class StoredCache implements Cache {
  readonly name: string;
  readonly #parts: CacheParts;
  readonly #verbs: KeyVerbs;
  readonly #bulk: BulkVerbs;

  constructor(parts: CacheParts) {
    this.name = parts.foundation.events.name;
    this.#parts = parts;
    this.#verbs = parts.keyVerbs;
    this.#bulk = parts.bulkVerbs;
    Object.defineProperty(this, sessionBackend, { value: () => toSessionBackend(parts) });
  }

  get<T>(key: string, options?: Partial<GetOptions<T>>): Promise<T> {
    const call = { operation: "get", key, options } as const;
    return this.#verbs.read(call, options?.default) as Promise<T>; // the caller knows what is stored
  }

  async getOrThrow<T = unknown>(key: string, options?: KeyOptions): Promise<T> {
    const value = await this.#verbs.read({ operation: "getOrThrow", key, options }, undefined);
    if (value === undefined) throw new CacheMissError({ key });
    return value as T;
  }

  getMany<T = unknown>(keys: Iterable<string>, options?: KeyOptions): Promise<Map<string, T>> {
    return this.#bulk.getMany(keys, options) as Promise<Map<string, T>>;
  }

  set(key: string, value: unknown, options?: SetOptions): Promise<boolean> {
    return this.#verbs.write({ operation: "set", key, options }, value);
  }

  add(key: string, value: unknown, options?: AddOptions): Promise<boolean> {
    return this.#verbs.write({ operation: "add", key, options }, value, { nx: true });
  }

  setMany(entries: Entries, options?: SetManyOptions): Promise<string[]> {
    return this.#bulk.setMany(entries, options);
  }

  async getOrSet<T>(
    key: string,
    valueOrFactory: T | Factory<T>,
    options?: GetOrSetOptions,
  ): Promise<T> {
    requireValue(key, valueOrFactory);
    const load = this.#load("getOrSet", key, options);
    return this.#parts.loads.get(load, toFactory(valueOrFactory)) as Promise<T>;
  }

  getOrSetMany<T>(
    keys: Iterable<string>,
    load: BulkLoader<T>,
    options?: GetOrSetOptions,
  ): Promise<Map<string, T>> {
    return this.#bulk.getOrSetMany(keys, load, options) as Promise<Map<string, T>>;
  }

  has(key: string, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.has({ operation: "has", key, options });
  }

  delete(key: string, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.delete({ operation: "delete", key, options });
  }

  deleteMany(keys: Iterable<string>, options?: KeyOptions): Promise<number> {
    return this.#bulk.deleteMany(keys, options);
  }

  take<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined> {
    return this.#verbs.take({ operation: "take", key, options }) as Promise<T | undefined>;
  }

  async incr(
    key: string,
    delta: number | bigint = 1,
    options?: IncrOptions,
  ): Promise<number | bigint> {
    return this.#verbs.count({ operation: "incr", key, options }, resolveDelta(key, delta, 1n));
  }

  async decr(
    key: string,
    delta: number | bigint = 1,
    options?: IncrOptions,
  ): Promise<number | bigint> {
    return this.#verbs.count({ operation: "decr", key, options }, resolveDelta(key, delta, -1n));
  }

  async touch(key: string, ttl?: Duration, options?: KeyOptions): Promise<boolean> {
    const lifetime = resolveLifetime(ttl, this.#parts.foundation.lifetime);
    return this.#verbs.expire({ operation: "touch", key, options }, lifetime);
  }

  persist(key: string, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.persist({ operation: "persist", key, options });
  }

  async expire(key: string, ttl: Duration, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.expire({ operation: "expire", key, options }, requireLifetime(ttl));
  }

  async expireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean> {
    const unixMs = resolveMoment(when, 1_000);
    return this.#verbs.expireAt({ operation: "expireAt", key, options }, unixMs);
  }

  async pexpire(key: string, ms: number, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.expire({ operation: "pexpire", key, options }, resolveMs(ms));
  }

  async pexpireAt(key: string, when: Date | number, options?: KeyOptions): Promise<boolean> {
    const unixMs = resolveMoment(when, 1);
    return this.#verbs.expireAt({ operation: "pexpireAt", key, options }, unixMs);
  }

  async ttl(key: string, options?: KeyOptions): Promise<number | null> {
    const ms = await this.#verbs.remainingMs({ operation: "ttl", key, options });
    return ms === null ? null : Math.ceil(ms / 1_000);
  }

  pttl(key: string, options?: KeyOptions): Promise<number | null> {
    return this.#verbs.remainingMs({ operation: "pttl", key, options });
  }

  async incrVersion(key: string, delta = 1, options?: KeyOptions): Promise<number> {
    const step = requireWhole("delta", delta);
    return this.#verbs.move({ operation: "incrVersion", key, options }, step);
  }

  async decrVersion(key: string, delta = 1, options?: KeyOptions): Promise<number> {
    const step = -requireWhole("delta", delta);
    return this.#verbs.move({ operation: "decrVersion", key, options }, step);
  }

  keys(pattern: string, options?: ScanOptions): Promise<string[]> {
    return this.#parts.walk.list(pattern, options);
  }

  iterKeys(pattern: string, options?: ScanOptions): AsyncIterableIterator<string> {
    return this.#parts.walk.iterate(pattern, options);
  }

  deletePattern(pattern: string, options?: DeletePatternOptions): Promise<number> {
    return this.#parts.walk.delete(pattern, options);
  }

  clear(): Promise<number> {
    return this.#parts.walk.clear();
  }

  flushDatabase(): Promise<void> {
    return this.#parts.walk.flush();
  }

  async lock(key: string, options: Partial<LockOptions> = {}): Promise<Lock> {
    return this.#parts.locks.acquire(this.#lockName("lock", key, options), options);
  }

  async withLock<T>(
    key: string,
    options: Partial<LockOptions>,
    task: (signal: AbortSignal, lock: Lock) => T | Promise<T>,
  ): Promise<T> {
    requireFunction("The task of withLock", task);
    return this.#parts.locks.run(this.#lockName("withLock", key, options), options, task);
  }

  memoize<Args extends readonly unknown[], Result>(
    fn: (...args: Args) => Result | Promise<Result>,
    options: MemoizeOptions<Args> = {},
  ): Memoized<Args, Result> {
    checkCallOptions("memoize", options);
    resolveLoadLifetimes(options, this.#parts.foundation.lifetime); // thrown now, not by the first call
    const verbs = {
      getOrSet: this.getOrSet.bind(this),
      delete: this.delete.bind(this),
      refresh: async (key: string, factory: Factory<unknown>, rules: GetOrSetOptions) =>
        this.#parts.loads.refresh(this.#load("getOrSet", key, rules), factory),
    };
    return memoizeWith(verbs, fn, options);
  }

  namespace(name: string): Cache {
    return this.#view(this.#parts.keys.within(name));
  }

  withVersion(version: number): Cache {
    return this.#view(this.#parts.keys.at(version));
  }

  storedKey(key: string, options?: KeyOptions): string {
    return this.#verbs.stored({ operation: "storedKey", key, options });
  }

  async rawClient<Client = unknown>(options: RawClientOptions = {}): Promise<Client> {
    checkCallOptions("rawClient", options);
    const { calls, foundation } = this.#parts;
    const write = options.write ?? true;
    const open = () => foundation.driver.rawClient({ write });
    const client = await calls.require({ operation: "rawClient" }, open);
    return client as Client; // the caller knows which client the location means
  }

  on<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this {
    this.#parts.foundation.events.on(event, listener);
    return this;
  }

  off<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this {
    this.#parts.foundation.events.off(event, listener);
    return this;
  }

  stats(): CacheStats {
    const { foundation, cacheLifecycle } = this.#parts;
    const stats = foundation.events.stats(cacheLifecycle.pending);
    return foundation.near ? { ...stats, near: foundation.near.stats() } : stats;
  }

  async ping(): Promise<boolean> {
    const ping = () => this.#parts.values.ping().then(() => true);
    return this.#parts.calls.run({ operation: "ping" }, false, ping);
  }

  async close(): Promise<void> {
    const { lifecycle, cacheLifecycle, foundation } = this.#parts;
    await lifecycle.close();
    if (lifecycle !== cacheLifecycle) return; // a view closes alone
    await foundation.near?.close();
    await foundation.driver.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #load(operation: Operation, key: string, options: GetOrSetOptions | undefined): Load {
    this.#parts.calls.requireOpen();
    return {
      operation,
      key,
      storedKey: this.#verbs.stored({ operation, key, options }),
      lifetimes: resolveLoadLifetimes(options, this.#parts.foundation.lifetime),
      signal: options?.signal,
    };
  }

  #lockName(operation: Operation, key: string, options: KeyOptions): LockName {
    checkCallOptions(operation, options);
    return { key, lockKey: this.#parts.keys.lock(key, options.version) };
  }

  #view(keys: KeyBuilder): Cache {
    return new StoredCache(assembleView(this.#parts, keys));
  }
}
