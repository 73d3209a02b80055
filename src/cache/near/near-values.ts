import type { Codec } from "../../contracts/codec.ts";
import type { ReadsWithTtl, ValueWithTtl } from "../../contracts/invalidation.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { Store } from "../../contracts/store.ts";
import { freezePlainData } from "../../kit/plain-data.ts";
import type { BulkReader, Reader } from "../values/reader.ts";
import { Values } from "../values/values.ts";
import type { WriteOrder } from "../values/write-order.ts";
import { FreezingBulkReader, FreezingReader } from "./freezing-readers.ts";
import type { NearCache, NearEntry, Reading } from "./near-cache.ts";

/** What {@link NearValues} are made of. */
export interface NearValuesParts {
  readonly near: NearCache;
  readonly reads: ReadsWithTtl;
  /** Where values are written; it evicts them from the near cache. */
  readonly store: Store;
  readonly codec: Codec;
  readonly order: WriteOrder;
}

/**
 * Values, of which those read lately are near. Plain data is handed out frozen, so that all readers
 * may have the same; anything else is decoded anew for each.
 */
export class NearValues extends Values {
  readonly #near: NearCache;
  readonly #reads: ReadsWithTtl;
  readonly #codec: Codec;
  readonly #order: WriteOrder;

  constructor({ near, reads, store, codec, order }: NearValuesParts) {
    super(store, codec, order);
    this.#near = near;
    this.#reads = reads;
    this.#codec = codec;
    this.#order = order;
  }

  override read<R>(storedKey: string, reader: Reader<R>): Promise<R> {
    if (this.#order.isIdle) return this.#readNear(storedKey, reader);
    return this.#order.after([storedKey], () => this.#readNear(storedKey, reader));
  }

  override readMany(storedKeys: readonly string[], reader: BulkReader): Promise<void> {
    if (this.#order.isIdle) return this.#readManyNear(storedKeys, reader);
    return this.#order.after(storedKeys, () => this.#readManyNear(storedKeys, reader));
  }

  async #readNear<R>(storedKey: string, reader: Reader<R>): Promise<R> {
    const entry = this.#near.find(storedKey);
    if (!entry) return this.#readFar(storedKey, reader);
    const { value, stored } = entry;
    if (stored === undefined) return reader.found(value, undefined);
    return this.#open(stored, reader);
  }

  /** What is not plain data has one owner: it is decoded for whoever reads it. */
  async #open<R>(stored: Encoded, reader: Reader<R>): Promise<R> {
    let value: unknown;
    try {
      value = await this.#codec.decode(stored);
    } catch (error) {
      return reader.failed(error);
    }
    return reader.found(value, stored);
  }

  async #readFar<R>(storedKey: string, reader: Reader<R>): Promise<R> {
    const reading = this.#near.begin(storedKey);
    if (!reading) return this.fetch(storedKey, new FreezingReader(reader));
    let entry: NearEntry | undefined;
    try {
      const reply = await this.#reads.getWithTtl(storedKey);
      if (reply) entry = await this.#keep(reply, reading);
    } catch (error) {
      return reader.failed(error);
    } finally {
      this.#near.end(reading);
    }
    return entry ? reader.found(entry.value, entry.stored) : reader.missed();
  }

  async #readManyNear(storedKeys: readonly string[], reader: BulkReader): Promise<void> {
    const far: number[] = [];
    const opening: Promise<void>[] = [];
    for (const [at, storedKey] of storedKeys.entries()) {
      const entry = this.#near.find(storedKey);
      if (!entry) far.push(at);
      else if (entry.stored === undefined) reader.found(at, entry.value, undefined);
      else opening.push(this.#open(entry.stored, readerOf(at, reader)));
    }
    if (far.length > 0) await this.#readManyFar(storedKeys, far, reader);
    await Promise.all(opening);
  }

  async #readManyFar(
    storedKeys: readonly string[],
    places: readonly number[],
    reader: BulkReader,
  ): Promise<void> {
    const keys = places.map((at) => storedKeys[at] ?? "");
    const placed = new FreezingBulkReader(reader, places);
    const readings = keys.map((storedKey) => this.#near.begin(storedKey));
    if (!readings.some((reading) => reading !== undefined)) return this.fetchMany(keys, placed);
    try {
      const replies = await this.#reads.getManyWithTtl(keys);
      await Promise.all(replies.map((reply, at) => this.#take(at, reply, readings[at], placed)));
    } finally {
      for (const reading of readings) this.#near.end(reading);
    }
  }

  async #take(
    at: number,
    reply: ValueWithTtl | Error | undefined,
    reading: Reading | undefined,
    reader: BulkReader,
  ): Promise<void> {
    if (reply === undefined) return;
    if (reply instanceof Error) return reader.failed(at, reply);
    let entry: NearEntry;
    try {
      entry = await this.#keep(reply, reading);
    } catch (error) {
      return reader.failed(at, error);
    }
    reader.found(at, entry.value, entry.stored);
  }

  /** Decodes, once, and keeps. What cannot be decoded is kept by nobody. @throws DecodeError */
  async #keep(
    { bytes, remainingMs }: ValueWithTtl,
    reading: Reading | undefined,
  ): Promise<NearEntry> {
    const decoded = this.#codec.decode(bytes);
    const value = decoded instanceof Promise ? await decoded : decoded;
    const isShared = freezePlainData(value);
    this.#near.keep(reading, { value, stored: bytes, isShared, remainingMs });
    return { value, stored: isShared ? undefined : bytes };
  }
}

/** Reads one of several keys. */
function readerOf(at: number, reader: BulkReader): Reader<void> {
  return {
    found: (value, stored) => reader.found(at, value, stored),
    missed: () => undefined,
    failed: (error) => reader.failed(at, error),
  };
}
