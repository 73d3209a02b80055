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
  ScanOptions,
  SetManyOptions,
  SetOptions,
} from "../contracts/cache.ts";
import { CacheMissError } from "../contracts/errors.ts";
import type { CacheEventName, CacheListener, CacheStats } from "../contracts/events.ts";
import { attachSessionBackend } from "../contracts/session-backend.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import { requireSignal, unlessAborted } from "../kit/abort.ts";
import { requireFunction } from "../kit/callable.ts";
import type { Duration } from "../kit/duration.ts";
import { requireWhole } from "../kit/whole-number.ts";
import { assembleView, type CacheParts } from "./cache-parts.ts";
import { type KeyCall, KeyVerbs } from "./key-verbs.ts";
import type { Walk } from "./key-walk.ts";
import type { LockName } from "./locks/locks.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import { resolveDelta } from "./options/counters.ts";
import { requireValue } from "./options/write-rules.ts";
import type { Load } from "./read-through/get-or-set.ts";
import { resolveLoadLifetimes, toFactory } from "./read-through/loads.ts";
import { memoizeWith } from "./read-through/memoize.ts";
import { toSessionBackend } from "./session-backend.ts";
import {
  isOver,
  requireLifetime,
  resolveLifetime,
  resolveMoment,
  resolveMs,
} from "./values/lifetimes.ts";
import { readMany, toEntryMap, toKeyList } from "./values/read-many.ts";
import { absent } from "./values/values.ts";

/**
 * The cache that users hold. Every verb takes the same beats: resolve the options, build the
 * stored key, and hand over to the part that does it, through the guard.
 */
export class StoredCache implements Cache {
  readonly name: string;
  readonly #parts: CacheParts;
  readonly #verbs: KeyVerbs;

  constructor(parts: CacheParts) {
    this.name = parts.instrument.name;
    this.#parts = parts;
    this.#verbs = new KeyVerbs(parts);
    attachSessionBackend(this, () => toSessionBackend(parts));
  }

  get<T>(key: string, options?: Partial<GetOptions<T>>): Promise<T> {
    const call = { operation: "get", key, options } as const;
    return this.#read(call, options?.default) as Promise<T>; // what is stored, the caller knows
  }

  async getOrThrow<T = unknown>(key: string, options?: KeyOptions): Promise<T> {
    const value = await this.#read({ operation: "getOrThrow", key, options }, undefined);
    if (value === undefined) throw new CacheMissError({ key });
    return value as T;
  }

  async getMany<T = unknown>(
    keys: Iterable<string>,
    options?: KeyOptions,
  ): Promise<Map<string, T>> {
    const list = toKeyList(keys);
    const storedKeys = this.#storedKeys("getMany", list, options);
    const found = new Map<string, T>();
    await readMany(this.#parts, { operation: "getMany", keys: list, storedKeys }, (key, value) => {
      if (value !== undefined) found.set(key, value as T);
    });
    return found;
  }

  set(key: string, value: unknown, options?: SetOptions): Promise<boolean> {
    return this.#verbs.write({ operation: "set", key, options }, value);
  }

  add(key: string, value: unknown, options?: AddOptions): Promise<boolean> {
    return this.#verbs.write({ operation: "add", key, options }, value, { nx: true });
  }

  async setMany(entries: Entries, options: SetManyOptions = {}): Promise<string[]> {
    const { foundation, guard, instrument, values } = this.#parts;
    const given = toEntryMap(entries);
    const keys = [...given.keys()];
    const storedKeys = this.#storedKeys("setMany", keys, options);
    for (const [key, value] of given) requireValue(key, value);
    const rules = { lifetime: resolveLifetime(options.ttl, foundation.lifetime) };
    this.#parts.inFlight.supersede(storedKeys);
    return guard.run({ operation: "setMany" }, keys, async () => {
      const deleted = await values.writeMany(storedKeys, [...given.values()], rules);
      instrument.deletedMany(deleted);
      if (!isOver(rules.lifetime)) for (const key of keys) instrument.wrote(key);
      return [];
    });
  }

  async getOrSet<T>(
    key: string,
    valueOrFactory: T | Factory<T>,
    options: GetOrSetOptions = {},
  ): Promise<T> {
    requireValue(key, valueOrFactory);
    const load = this.#load("getOrSet", key, options);
    return this.#parts.reads.get(load, toFactory(valueOrFactory)) as Promise<T>;
  }

  async getOrSetMany<T>(
    keys: Iterable<string>,
    load: BulkLoader<T>,
    options: GetOrSetOptions = {},
  ): Promise<Map<string, T>> {
    requireFunction("The loader of getOrSetMany", load);
    const list = toKeyList(keys);
    const storedKeys = this.#storedKeys("getOrSetMany", list, options);
    const stored = new Map(list.map((key, at) => [key, storedKeys[at] ?? key]));
    const lifetimes = resolveLoadLifetimes(options, this.#parts.foundation.lifetime);
    options.signal?.throwIfAborted();
    this.#parts.lifecycle.requireOpen();
    const all = this.#parts.bulkReads.get(stored, { loader: load, lifetimes });
    return unlessAborted(all, options.signal) as Promise<Map<string, T>>;
  }

  async has(key: string, options?: KeyOptions): Promise<boolean> {
    const call = { operation: "has", key, options } as const;
    return this.#verbs.ask(call, (store, storedKey) => store.has(storedKey));
  }

  async delete(key: string, options?: KeyOptions): Promise<boolean> {
    return this.#verbs.delete({ operation: "delete", key, options });
  }

  async deleteMany(keys: Iterable<string>, options?: KeyOptions): Promise<number> {
    const { guard, instrument, values } = this.#parts;
    const stored = this.#storedKeys("deleteMany", toKeyList(keys), options);
    this.#parts.inFlight.supersede(stored);
    const deleted = await guard.run({ operation: "deleteMany" }, 0, () => values.delete(stored));
    instrument.deletedMany(deleted);
    return deleted;
  }

  async take<T = unknown>(key: string, options?: KeyOptions): Promise<T | undefined> {
    return this.#verbs.take({ operation: "take", key, options }) as Promise<T | undefined>;
  }

  async incr(
    key: string,
    delta: number | bigint = 1,
    options?: IncrOptions,
  ): Promise<number | bigint> {
    const step = resolveDelta(key, delta, 1n);
    return this.#verbs.count({ operation: "incr", key, options }, step);
  }

  async decr(
    key: string,
    delta: number | bigint = 1,
    options?: IncrOptions,
  ): Promise<number | bigint> {
    const step = resolveDelta(key, delta, -1n);
    return this.#verbs.count({ operation: "decr", key, options }, step);
  }

  async touch(key: string, ttl?: Duration, options?: KeyOptions): Promise<boolean> {
    const lifetime = resolveLifetime(ttl, this.#parts.foundation.lifetime);
    return this.#verbs.expire({ operation: "touch", key, options }, lifetime);
  }

  async persist(key: string, options?: KeyOptions): Promise<boolean> {
    const call = { operation: "persist", key, options } as const;
    return this.#verbs.ask(call, (store, storedKey) => store.persist(storedKey));
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

  async pttl(key: string, options?: KeyOptions): Promise<number | null> {
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

  async keys(pattern: string, options: ScanOptions = {}): Promise<string[]> {
    return this.#parts.walk.list(this.#walk("keys", pattern, options));
  }

  async *iterKeys(pattern: string, options: ScanOptions = {}): AsyncIterableIterator<string> {
    yield* this.#parts.walk.keys(this.#walk("iterKeys", pattern, options));
  }

  async deletePattern(pattern: string, options: DeletePatternOptions = {}): Promise<number> {
    const walk = this.#walk("deletePattern", pattern, options);
    const { onProgress, signal } = options;
    requireSignal(signal);
    if (onProgress !== undefined) requireFunction("onProgress", onProgress);
    return this.#deleteWalk(walk, options);
  }

  async clear(): Promise<number> {
    const { scanCount } = this.#parts.foundation;
    const call = { operation: "clear" };
    return this.#deleteWalk({ call, pattern: "*", version: "all", scanCount }, {});
  }

  async flushDatabase(): Promise<void> {
    const { guard, store } = this.#parts;
    this.#parts.inFlight.supersedeAll();
    await guard.run({ operation: "flushDatabase" }, undefined, () => store.flush());
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
    resolveLoadLifetimes(options, this.#parts.foundation.lifetime); // told now, not at the first call
    const verbs = {
      getOrSet: this.getOrSet.bind(this),
      delete: this.delete.bind(this),
      refresh: (key: string, factory: Factory<unknown>, rules: GetOrSetOptions) =>
        this.#parts.reads.refresh(this.#load("getOrSet", key, rules), factory),
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

  async rawClient<Client = unknown>(options: { readonly write?: boolean } = {}): Promise<Client> {
    checkCallOptions("rawClient", options);
    const { guard, foundation } = this.#parts;
    const write = options.write ?? true;
    const client = await guard.require({ operation: "rawClient" }, () =>
      foundation.driver.rawClient({ write }),
    );
    return client as Client; // the caller knows which client the location means
  }

  on<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this {
    this.#parts.instrument.on(event, listener);
    return this;
  }

  off<Name extends CacheEventName>(event: Name, listener: CacheListener<Name>): this {
    this.#parts.instrument.off(event, listener);
    return this;
  }

  stats(): CacheStats {
    const { instrument, lifecycle, foundation } = this.#parts;
    const stats = instrument.stats(lifecycle.ofCache.pending);
    return foundation.near ? { ...stats, near: foundation.near.cache.stats() } : stats;
  }

  async ping(): Promise<boolean> {
    const { guard, store } = this.#parts;
    return guard.run({ operation: "ping" }, false, async () => {
      await store.ping();
      return true;
    });
  }

  async close(): Promise<void> {
    const { lifecycle, foundation } = this.#parts;
    await lifecycle.close();
    if (lifecycle.isView) return;
    await foundation.near?.cache.close();
    await foundation.driver.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #read(call: KeyCall, fallback: unknown): Promise<unknown> {
    const { near } = this.#parts.foundation;
    return near ? this.#readNear(call, fallback) : this.#verbs.read(call, fallback);
  }

  /** Reads what is near there, anything else as usual. */
  async #readNear(call: KeyCall, fallback: unknown): Promise<unknown> {
    const { lifecycle, instrument, values } = this.#parts;
    const kept = values.kept(this.#verbs.stored(call));
    if (kept === absent || kept === undefined) return this.#verbs.read(call, fallback);
    lifecycle.requireOpen();
    instrument.read(call.key, true);
    return kept;
  }

  async #deleteWalk(walk: Walk, progress: DeletePatternOptions): Promise<number> {
    progress.signal?.throwIfAborted();
    this.#parts.inFlight.supersedeAll();
    return this.#parts.walk.delete(walk, progress);
  }

  #walk(operation: Operation, pattern: string, options: ScanOptions): Walk {
    checkCallOptions(operation, options);
    const usual = this.#parts.foundation.scanCount;
    const scanCount = requireWhole("scanCount", options.scanCount ?? usual, 1);
    return { call: { operation }, pattern, version: options.version, scanCount };
  }

  #load(operation: Operation, key: string, options: GetOrSetOptions): Load {
    this.#parts.lifecycle.requireOpen();
    return {
      operation,
      key,
      storedKey: this.#verbs.stored({ operation, key, options }),
      lifetimes: resolveLoadLifetimes(options, this.#parts.foundation.lifetime),
      signal: options.signal,
    };
  }

  #lockName(operation: Operation, key: string, options: KeyOptions): LockName {
    checkCallOptions(operation, options);
    return { key, lockKey: this.#parts.keys.lock(key, options.version) };
  }

  /** Returns each one's stored key. */
  #storedKeys(
    operation: Operation,
    keys: readonly string[],
    options: KeyOptions | undefined,
  ): readonly string[] {
    checkCallOptions(operation, options);
    return keys.map((key) => this.#parts.keys.stored(key, options?.version));
  }

  #view(keys: KeyBuilder): Cache {
    return new StoredCache(assembleView(this.#parts, keys));
  }
}
