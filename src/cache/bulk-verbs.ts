import { requireFunction } from "../checks/require.ts";
import type {
  BulkLoader,
  Entries,
  GetOrSetOptions,
  KeyOptions,
  SetManyOptions,
} from "../contracts/cache.ts";
import type { Deletion, Lifetime } from "../contracts/store.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import { unlessAborted } from "../kit/abort.ts";
import type { Calls } from "./calls/calls.ts";
import { PartialFailure } from "./calls/partial-failure.ts";
import { ReadMany } from "./calls/read-many.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import { toEntryMap, toKeyList } from "./options/collections.ts";
import { refuseUndefined } from "./options/write-rules.ts";
import type { GetOrSetMany } from "./read-through/get-or-set-many.ts";
import type { InFlightLoads } from "./read-through/in-flight-loads.ts";
import { resolveLoadLifetimes } from "./read-through/loads.ts";
import { isOver, resolveLifetime } from "./values/lifetimes.ts";
import { absent, type Values } from "./values/values.ts";

/** What {@link BulkVerbs} are made of. */
export interface BulkVerbParts {
  readonly keys: KeyBuilder;
  readonly values: Values;
  readonly calls: Calls;
  readonly inFlight: InFlightLoads;
  readonly bulkLoads: GetOrSetMany;
  /** The lifetime of a write that names none. */
  readonly lifetime: Lifetime;
}

/** What can be done to many keys at once. Where some of them fail, the others are done. */
export class BulkVerbs {
  readonly #parts: BulkVerbParts;

  constructor(parts: BulkVerbParts) {
    this.#parts = parts;
  }

  async getMany(
    keys: Iterable<string>,
    options: KeyOptions | undefined,
  ): Promise<Map<string, unknown>> {
    const list = toKeyList(keys);
    const storedKeys = this.#storedKeys("getMany", list, options);
    const read = new ReadMany(this.#parts.calls, { operation: "getMany", keys: list, storedKeys });
    await this.#parts.calls.observe({ operation: "getMany" }, () => read.run(this.#parts.values));
    const found = new Map<string, unknown>();
    for (let at = 0; at < list.length; at += 1) {
      const value = read.values[at];
      if (value !== absent && value !== undefined) found.set(list[at] ?? "", value);
    }
    return found;
  }

  /** Returns the keys that were not stored. */
  async setMany(entries: Entries, options: SetManyOptions | undefined): Promise<string[]> {
    const given = toEntryMap(entries);
    const keys = [...given.keys()];
    const storedKeys = this.#storedKeys("setMany", keys, options);
    for (const [key, value] of given) if (value === undefined) refuseUndefined(key);
    const lifetime = resolveLifetime(options?.ttl, this.#parts.lifetime);
    this.#parts.inFlight.supersedeAllOf(storedKeys);
    if (isOver(lifetime)) return this.#removeInstead(keys, storedKeys);
    return this.#write(given, storedKeys, lifetime);
  }

  async deleteMany(keys: Iterable<string>, options: KeyOptions | undefined): Promise<number> {
    const list = toKeyList(keys);
    const storedKeys = this.#storedKeys("deleteMany", list, options);
    this.#parts.inFlight.supersedeAllOf(storedKeys);
    const deletion = await this.#delete("deleteMany", list, storedKeys);
    return deletion?.deleted ?? 0;
  }

  async getOrSetMany(
    keys: Iterable<string>,
    loader: BulkLoader<unknown>,
    options: GetOrSetOptions = {},
  ): Promise<Map<string, unknown>> {
    requireFunction("The loader of getOrSetMany", loader);
    const list = toKeyList(keys);
    const storedKeys = this.#storedKeys("getOrSetMany", list, options);
    const stored = new Map(list.map((key, at) => [key, storedKeys[at] ?? key]));
    const lifetimes = resolveLoadLifetimes(options, this.#parts.lifetime);
    options.signal?.throwIfAborted();
    const { calls, bulkLoads } = this.#parts;
    calls.requireOpen();
    const get = () => bulkLoads.get(stored, { loader, lifetimes });
    const all = calls.observe({ operation: "getOrSetMany" }, get);
    return unlessAborted(all, options.signal);
  }

  async #write(
    given: ReadonlyMap<string, unknown>,
    storedKeys: readonly string[],
    lifetime: Lifetime,
  ): Promise<string[]> {
    const { calls, values } = this.#parts;
    const call = { operation: "setMany" };
    const write = () => values.writeMany(storedKeys, [...given.values()], { lifetime });
    const replies = await calls.run(call, undefined, write);
    if (!replies) return [...given.keys()];
    const failed: string[] = [];
    const failure = new PartialFailure();
    let at = 0;
    for (const key of given.keys()) {
      const reply = replies[at++];
      if (reply === true) calls.wrote(key);
      else failed.push(key);
      if (reply instanceof Error) failure.add(key, reply);
    }
    failure.settle(calls, call);
    return failed;
  }

  /** A lifetime that is over deletes. Returns the keys that may be left. */
  async #removeInstead(keys: readonly string[], storedKeys: readonly string[]): Promise<string[]> {
    const deletion = await this.#delete("setMany", keys, storedKeys);
    return keys.filter((_, at) => !deletion || deletion.failed.has(storedKeys[at] ?? ""));
  }

  async #delete(
    operation: Operation,
    keys: readonly string[],
    storedKeys: readonly string[],
  ): Promise<Deletion | undefined> {
    const { calls, values } = this.#parts;
    const call = { operation };
    const deletion = await calls.run(call, undefined, () => values.deleteMany(storedKeys));
    if (!deletion) return undefined;
    calls.deletedMany(deletion.deleted);
    if (deletion.failed.size === 0) return deletion;
    const failure = new PartialFailure();
    for (const [at, key] of keys.entries()) {
      const error = deletion.failed.get(storedKeys[at] ?? "");
      if (error) failure.add(key, error);
    }
    failure.settle(calls, call);
    return deletion;
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
}
