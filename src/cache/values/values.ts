import type { Codec } from "../../codec/codec.ts";
import type { MaybePromise } from "../../codec/maybe-promise.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { BulkRules, SharedRead, Store, WriteRules } from "../../contracts/store.ts";
import type { Outcome } from "../read-through/in-flight-loads.ts";
import { isOver } from "./lifetimes.ts";
import type { WriteOrder } from "./write-order.ts";

/** What a read answers where nothing lives under the key; a stored `undefined` is something. */
export const absent: unique symbol = Symbol("absent");

const none: ReadonlyMap<string, Outcome> = new Map();

/** What became of a loaded value. */
export interface Filled {
  readonly bytes: Encoded;
  readonly isWritten: boolean;
}

/** Values under stored keys: a store, seen through a codec. */
export class Values {
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #writeOrder: WriteOrder;

  constructor(store: Store, codec: Codec, writeOrder: WriteOrder) {
    this.#store = store;
    this.#codec = codec;
    this.#writeOrder = writeOrder;
  }

  /** Returns the value where it is near, or a promise of it; {@link absent} where the store must be asked. */
  kept(_storedKey: string): unknown {
    return absent;
  }

  /** The same of several keys: the values that are near, by their stored keys. */
  keptOf(_storedKeys: Iterable<string>): ReadonlyMap<string, Outcome> {
    return none;
  }

  /** Returns when a write of this key that was asked for before will have left, where it has not. */
  leaving(storedKey: string): Promise<unknown> | undefined {
    return this.#writeOrder.of(storedKey);
  }

  /** Returns the read that is about to leave, to be joined at once, where there are such; see the store. */
  sharedReadFor(storedKey: string): SharedRead | undefined {
    return this.#store.sharedReadFor?.(storedKey);
  }

  readBytes(storedKey: string): Promise<Encoded | undefined> {
    return this.#writeOrder.after([storedKey], () => this.#store.get(storedKey));
  }

  async take(storedKey: string): Promise<unknown> {
    const take = (): Promise<Encoded | undefined> => this.#store.take(storedKey);
    return this.decode(await this.#writeOrder.after([storedKey], take));
  }

  /** Returns what is stored under each key, not decoded yet: one bad value must not spoil the others. */
  readMany(storedKeys: readonly string[]): Promise<readonly (Encoded | undefined)[]> {
    return this.#writeOrder.after(storedKeys, () => this.#store.getMany(storedKeys));
  }

  decode(bytes: Encoded | undefined): unknown {
    return bytes === undefined ? absent : this.#codec.decode(bytes);
  }

  /** Writes, or with a lifetime that is over deletes. Returns whether that changed what the rules ask for. */
  write(storedKey: string, value: unknown, rules: WriteRules): Promise<boolean> {
    if (isOver(rules.lifetime)) return this.#writeNothing(storedKey, value, rules);
    const encoded = this.#codec.encode(value);
    const before = this.leaving(storedKey);
    if (!before && !(encoded instanceof Promise)) return this.#store.set(storedKey, encoded, rules);
    const leaving = Promise.all([encoded, before]);
    this.#writeOrder.note(storedKey, leaving);
    return leaving.then(([bytes]) => this.#store.set(storedKey, bytes, rules));
  }

  /**
   * Writes all, after all are encoded, so that a value that cannot be stored leaves every key as
   * it was; with a lifetime that is over deletes. Returns how many it deleted.
   */
  writeMany(
    storedKeys: readonly string[],
    values: readonly unknown[],
    rules: BulkRules,
  ): Promise<number> {
    if (isOver(rules.lifetime)) return this.delete(storedKeys);
    const encoded = this.#encodeAll(storedKeys, values);
    const write = async (entries: readonly (readonly [string, Encoded])[]): Promise<number> => {
      await this.#store.setMany(entries, rules);
      return 0;
    };
    if (!(encoded instanceof Promise))
      return this.#writeOrder.after(storedKeys, () => write(encoded));
    const leaving = this.#writeOrder.after(storedKeys, () => encoded);
    for (const storedKey of storedKeys) this.#writeOrder.note(storedKey, leaving);
    return leaving.then(write);
  }

  /**
   * Writes what was loaded, unless a write came first: here (`isCurrent`) or elsewhere (`rules`).
   * Returns the stored form of each, and whether it was written.
   */
  async writeLoaded(
    entries: ReadonlyMap<string, unknown>,
    rules: BulkRules,
    isCurrent: (storedKey: string) => boolean,
  ): Promise<ReadonlyMap<string, Filled>> {
    if (isOver(rules.lifetime)) return new Map();
    const encoded = await this.#encodeAll([...entries.keys()], [...entries.values()]);
    const current = encoded.filter(([storedKey]) => isCurrent(storedKey));
    const written = new Set(await this.#writeAll(current, rules));
    return new Map(
      encoded.map(([key, bytes]) => [key, { bytes, isWritten: written.has(key) }] as const),
    );
  }

  delete(storedKeys: readonly string[]): Promise<number> {
    return this.#writeOrder.after(storedKeys, () => this.#store.delete(storedKeys));
  }

  /** Returns the stored keys that were written. */
  async #writeAll(
    entries: readonly (readonly [string, Encoded])[],
    rules: BulkRules,
  ): Promise<string[]> {
    const written = await this.#store.setMany(entries, rules);
    return entries.filter((_, index) => written[index]).map(([key]) => key);
  }

  /** All at once, and there at once unless some are compressed. */
  #encodeAll(
    storedKeys: readonly string[],
    values: readonly unknown[],
  ): MaybePromise<[string, Encoded][]> {
    const late: Promise<unknown>[] = [];
    const encoded: [string, Encoded][] = [];
    try {
      for (const [at, storedKey] of storedKeys.entries()) {
        const entry: [string, Encoded] = [storedKey, ""];
        const bytes = this.#codec.encode(values[at]);
        if (bytes instanceof Promise) late.push(bytes.then((done) => (entry[1] = done)));
        else entry[1] = bytes;
        encoded.push(entry);
      }
    } catch (error) {
      void Promise.allSettled(late); // nobody waits for those any more
      throw error;
    }
    return late.length > 0 ? Promise.all(late).then(() => encoded) : encoded;
  }

  /** Django's rule for a lifetime of nothing; a key that keeps its own lifetime is written all the same. */
  async #writeNothing(storedKey: string, value: unknown, rules: WriteRules): Promise<boolean> {
    if (rules.condition === "absent") return !(await this.#store.has(storedKey));
    if (!rules.keepTtl) return (await this.delete([storedKey])) > 0;
    const bytes = await this.#codec.encode(value);
    return this.#store.set(storedKey, bytes, { ...rules, condition: "present" });
  }
}
