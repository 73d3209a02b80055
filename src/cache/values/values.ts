import type { Codec } from "../../contracts/codec.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  EntryRules,
  Lifetime,
  ReadReply,
  ScanRules,
  SharedReads,
  Store,
  WriteEntry,
  WriteReply,
  WriteRules,
} from "../../contracts/store.ts";
import { BulkEncoder, type ValueEntry } from "./bulk-encoder.ts";
import type { BulkReader, Reader } from "./reader.ts";
import type { WriteOrder } from "./write-order.ts";

/** What stands for no value: a stored `undefined` is one. */
export const absent: unique symbol = Symbol("absent");

/** What became of a value that was loaded. */
export interface FilledEntry {
  readonly stored: Encoded;
  /** Whether it was written, or why the store cannot tell. */
  readonly written: WriteReply;
}

/**
 * Values under stored keys: a store, seen through a codec. It has every verb, and does what one turn asks of it in
 * that order, whatever is being compressed meanwhile.
 */
export class Values {
  readonly #store: Store;
  readonly #codec: Codec;
  readonly #order: WriteOrder;
  readonly #sharedReads: SharedReads | undefined;

  constructor(store: Store, codec: Codec, order: WriteOrder) {
    this.#store = store;
    this.#codec = codec;
    this.#order = order;
    this.#sharedReads = store.sharedReads;
  }

  /** Reads one key and hands what it finds, or why it cannot, to `reader`. */
  read<R>(storedKey: string, reader: Reader<R>): Promise<R> {
    if (this.#order.isIdle) return this.fetch(storedKey, reader);
    return this.#order.after([storedKey], () => this.fetch(storedKey, reader));
  }

  /** Reads several keys and hands what it finds to `reader`. Rejects where all failed together. */
  readMany(storedKeys: readonly string[], reader: BulkReader): Promise<void> {
    if (this.#order.isIdle) return this.fetchMany(storedKeys, reader);
    return this.#order.after(storedKeys, () => this.fetchMany(storedKeys, reader));
  }

  /** Removes what lives under the key. Returns its value, or {@link absent}. */
  async take(storedKey: string): Promise<unknown> {
    const take = (): Promise<Encoded | undefined> => this.#store.take(storedKey);
    const stored = await (this.#order.isIdle ? take() : this.#order.after([storedKey], take));
    return stored === undefined ? absent : this.#codec.decode(stored);
  }

  has(storedKey: string): Promise<boolean> {
    return this.#ask(storedKey, () => this.#store.has(storedKey));
  }

  /** Writes, where the rules allow. Returns whether it did. @throws EncodeError, ValueTooLargeError */
  write(storedKey: string, value: unknown, rules: WriteRules): Promise<boolean> {
    const encoded = this.#codec.encode(value);
    if (this.#order.isIdle && !(encoded instanceof Promise)) {
      return this.#store.set(storedKey, encoded, rules);
    }
    return this.#writeInTurn(storedKey, encoded, rules);
  }

  /**
   * Does what Django does with a lifetime of nothing: removes the key; with `absent` it only looks whether the key
   * is free, and a key that keeps its own lifetime is written. Returns whether that changed what the rules ask for.
   */
  async writeEnded(storedKey: string, value: unknown, rules: WriteRules): Promise<boolean> {
    if (rules.condition === "absent") return !(await this.has(storedKey));
    if (!rules.keepTtl) return this.delete(storedKey);
    return this.write(storedKey, value, { ...rules, condition: "present" });
  }

  /**
   * Writes all, once all are encoded: a value that cannot be stored leaves every key as it was. Returns of each
   * whether it was written.
   */
  writeMany(
    storedKeys: readonly string[],
    values: readonly unknown[],
    rules: EntryRules,
  ): Promise<readonly WriteReply[]> {
    const encoder = new BulkEncoder(this.#codec);
    for (let at = 0; at < values.length; at += 1) {
      encoder.add(storedKeys[at] ?? "", values[at], rules);
    }
    const entries = encoder.finish();
    if (!(entries instanceof Promise)) return this.#send(storedKeys, entries);
    const leaving = Promise.all([entries, this.#order.pendingOf(storedKeys)]);
    for (const storedKey of storedKeys) this.#order.add(storedKey, leaving);
    return leaving.then(([encoded]) => this.#store.setMany(encoded));
  }

  /**
   * Writes what was loaded, each entry by its own rules, unless a write came first: here (`isCurrent`) or elsewhere
   * (the rules). Returns what became of each, in their order.
   */
  async writeLoaded(
    entries: readonly ValueEntry[],
    isCurrent: (storedKey: string) => boolean,
  ): Promise<readonly FilledEntry[]> {
    const encoder = new BulkEncoder(this.#codec);
    for (const { storedKey, value, rules } of entries) encoder.add(storedKey, value, rules);
    const encoded = await encoder.finish();
    const current = encoded.filter(({ key }) => isCurrent(key));
    const replies = current.length === 0 ? [] : await this.#store.setMany(current);
    const written = new Map(current.map((entry, at) => [entry, replies[at]]));
    return encoded.map((entry) => ({ stored: entry.bytes, written: written.get(entry) ?? false }));
  }

  /** Returns whether the key existed. */
  async delete(storedKey: string): Promise<boolean> {
    const { deleted } = await this.deleteMany([storedKey]);
    return deleted > 0;
  }

  deleteMany(storedKeys: readonly string[]): Promise<Deletion> {
    if (this.#order.isIdle) return this.#store.delete(storedKeys);
    return this.#order.after(storedKeys, () => this.#store.delete(storedKeys));
  }

  count(storedKey: string, delta: bigint, rules: CountRules): Promise<bigint | CountFailure> {
    return this.#ask(storedKey, () => this.#store.count(storedKey, delta, rules));
  }

  rename(from: string, to: string): Promise<boolean> {
    if (this.#order.isIdle) return this.#store.rename(from, to);
    return this.#order.after([from, to], () => this.#store.rename(from, to));
  }

  expire(storedKey: string, lifetime: Lifetime): Promise<boolean> {
    return this.#ask(storedKey, () => this.#store.expire(storedKey, lifetime));
  }

  expireAt(storedKey: string, unixMs: number): Promise<boolean> {
    return this.#ask(storedKey, () => this.#store.expireAt(storedKey, unixMs));
  }

  persist(storedKey: string): Promise<boolean> {
    return this.#ask(storedKey, () => this.#store.persist(storedKey));
  }

  remainingMs(storedKey: string): Promise<number | null> {
    return this.#ask(storedKey, () => this.#store.remainingMs(storedKey));
  }

  /** Walks stored keys, a batch per step. The first step finds what was written before it was asked. */
  async *scan(pattern: string, rules: ScanRules): AsyncGenerator<readonly string[]> {
    const steps = this.#store.scan(pattern, rules)[Symbol.asyncIterator]();
    let step = await this.#order.afterAll(() => steps.next());
    while (!step.done) {
      yield step.value;
      step = await steps.next();
    }
  }

  /** Removes every key of the database, those of writes that wait to leave among them. */
  flush(): Promise<void> {
    return this.#order.afterAll(() => this.#store.flush());
  }

  ping(): Promise<void> {
    return this.#store.ping();
  }

  /** Returns the value of a stored form, anew. */
  decode(stored: Encoded): unknown {
    return this.#codec.decode(stored);
  }

  /** {@link Values.read}, now, whatever waits to leave. */
  protected async fetch<R>(storedKey: string, reader: Reader<R>): Promise<R> {
    let reply: ReadReply;
    let value: unknown;
    try {
      if (this.#sharedReads) {
        const { replies, place } = this.#sharedReads.join(storedKey);
        reply = (await replies)[place];
      } else reply = await this.#store.get(storedKey);
      if (reply instanceof Error) throw reply;
      value = reply === undefined ? undefined : this.#codec.decode(reply);
      if (value instanceof Promise) value = await value; // most are there at once
    } catch (error) {
      return reader.failed(error);
    }
    return reply === undefined ? reader.missed() : reader.found(value, reply);
  }

  /** {@link Values.readMany}, now, whatever waits to leave. */
  protected async fetchMany(storedKeys: readonly string[], reader: BulkReader): Promise<void> {
    const replies = await this.#store.getMany(storedKeys);
    const late: Promise<void>[] = [];
    for (let at = 0; at < replies.length; at += 1) {
      const reply = replies[at];
      if (reply === undefined) continue;
      if (reply instanceof Error) reader.failed(at, reply);
      else this.#open(at, reply, reader, late);
    }
    if (late.length > 0) await Promise.all(late);
  }

  /** One value that cannot be decoded must not spoil the others. */
  #open(at: number, stored: Encoded, reader: BulkReader, late: Promise<void>[]): void {
    try {
      const value = this.#codec.decode(stored);
      if (!(value instanceof Promise)) reader.found(at, value, stored);
      else {
        const found = value.then(
          (decoded) => reader.found(at, decoded, stored),
          (error) => reader.failed(at, error),
        );
        late.push(found);
      }
    } catch (error) {
      reader.failed(at, error);
    }
  }

  #ask<T>(storedKey: string, task: () => Promise<T>): Promise<T> {
    return this.#order.isIdle ? task() : this.#order.after([storedKey], task);
  }

  #send(
    storedKeys: readonly string[],
    entries: readonly WriteEntry[],
  ): Promise<readonly WriteReply[]> {
    if (this.#order.isIdle) return this.#store.setMany(entries);
    return this.#order.after(storedKeys, () => this.#store.setMany(entries));
  }

  #writeInTurn(
    storedKey: string,
    encoded: Encoded | Promise<Encoded>,
    rules: WriteRules,
  ): Promise<boolean> {
    const before = this.#order.pending(storedKey);
    if (!before && !(encoded instanceof Promise)) return this.#store.set(storedKey, encoded, rules);
    const leaving = Promise.all([encoded, before]);
    this.#order.add(storedKey, leaving);
    return leaving.then(([bytes]) => this.#store.set(storedKey, bytes, rules));
  }
}
