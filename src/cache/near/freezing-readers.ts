import type { Encoded } from "../../contracts/serializer.ts";
import { freezePlainData } from "../../kit/plain-data.ts";
import type { BulkReader, Reader } from "../values/reader.ts";

/** Hands on plain data frozen, as from the near cache, while nothing can be kept there. */
export class FreezingReader<R> implements Reader<R> {
  readonly #reader: Reader<R>;

  constructor(reader: Reader<R>) {
    this.#reader = reader;
  }

  found(value: unknown, stored: Encoded | undefined): R {
    return this.#reader.found(value, freezePlainData(value) ? undefined : stored);
  }

  missed(): R {
    return this.#reader.missed();
  }

  failed(error: unknown): R {
    return this.#reader.failed(error);
  }
}

/** {@link FreezingReader} of several keys, which have other places where they were asked for. */
export class FreezingBulkReader implements BulkReader {
  readonly #reader: BulkReader;
  readonly #places: readonly number[];

  constructor(reader: BulkReader, places: readonly number[]) {
    this.#reader = reader;
    this.#places = places;
  }

  found(at: number, value: unknown, stored: Encoded | undefined): void {
    const isShared = freezePlainData(value);
    this.#reader.found(this.#places[at] ?? at, value, isShared ? undefined : stored);
  }

  failed(at: number, error: unknown): void {
    this.#reader.failed(this.#places[at] ?? at, error);
  }
}
