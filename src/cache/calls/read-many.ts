import { ValueError } from "../../contracts/errors.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { BulkReader } from "../values/reader.ts";
import { absent, type Values } from "../values/values.ts";
import type { Calls } from "./calls.ts";
import { PartialFailure } from "./partial-failure.ts";

/** A call that reads many keys. */
export interface ManyKeys {
  /** The method the user called. */
  readonly operation: string;
  /** The keys the user gave. */
  readonly keys: readonly string[];
  /** Each one's stored key. */
  readonly storedKeys: readonly string[];
}

/** Reads many keys at once, and counts them as hits and misses. What fails is a miss where that is ignored. */
export class ReadMany implements BulkReader {
  /** By place; {@link absent} for a miss. */
  readonly values: unknown[];
  /** The stored forms, by place, where they are asked for. */
  readonly stored: (Encoded | undefined)[] | undefined;
  /** Why a key could not be read, by place, `null` where all failed together; ignored once {@link ReadMany.run} resolves. */
  failures: Map<number, unknown> | undefined;
  readonly #calls: Calls;
  readonly #asked: ManyKeys;

  /** @param needsStored whether the stored forms are to be kept, too */
  constructor(
    calls: Calls,
    asked: ManyKeys,
    { needsStored = false }: { readonly needsStored?: boolean } = {},
  ) {
    this.#calls = calls;
    this.#asked = asked;
    this.values = asked.keys.map(() => absent);
    this.stored = needsStored ? asked.keys.map(() => undefined) : undefined;
  }

  /** Reads. @throws what the store failed with, unless that is ignored */
  async run(source: Values): Promise<void> {
    const { operation, storedKeys } = this.#asked;
    const read = async (): Promise<boolean> => {
      await source.readMany(storedKeys, this);
      return true;
    };
    const answered = await this.#calls.attempt({ operation }, false, read);
    if (!answered) for (const at of storedKeys.keys()) this.#failTogether(at);
    else if (this.failures) this.#settle(this.failures);
    this.#count();
  }

  found(at: number, value: unknown, stored: Encoded | undefined): void {
    this.values[at] = value;
    if (this.stored) this.stored[at] = stored;
  }

  failed(at: number, error: unknown): void {
    this.failures ??= new Map();
    this.failures.set(at, error);
  }

  /** The whole read failed, which has been reported: what is not here does not come any more. */
  #failTogether(at: number): void {
    if (this.values[at] === absent) this.failed(at, null);
  }

  #settle(failures: ReadonlyMap<number, unknown>): void {
    const { operation, keys } = this.#asked;
    const partial = new PartialFailure();
    for (const at of [...failures.keys()].toSorted((one, other) => one - other)) {
      const error = failures.get(at);
      const key = keys[at] ?? "";
      if (error instanceof ValueError) this.#calls.recover({ operation, key }, undefined, error);
      else partial.add(key, error);
    }
    partial.settle(this.#calls, { operation });
  }

  #count(): void {
    const { keys } = this.#asked;
    for (let at = 0; at < keys.length; at += 1) {
      const key = keys[at] ?? "";
      if (this.values[at] === absent) this.#calls.missed(key);
      else this.#calls.hit(key);
    }
  }
}
