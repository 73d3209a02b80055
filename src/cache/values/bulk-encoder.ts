import type { Codec } from "../../contracts/codec.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { EntryRules, WriteEntry } from "../../contracts/store.ts";

/** A value on its way into the store. */
export interface ValueEntry {
  readonly storedKey: string;
  readonly value: unknown;
  readonly rules: EntryRules;
}

interface Encoding {
  readonly key: string;
  bytes: Encoded;
  readonly rules: EntryRules;
}

/** Encodes all values at once. The result is there at once, too, unless some are compressed. */
export class BulkEncoder {
  readonly #codec: Codec;
  readonly #entries: Encoding[] = [];
  readonly #late: Promise<unknown>[] = [];

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** @throws EncodeError, ValueTooLargeError for a value that cannot be stored */
  add(key: string, value: unknown, rules: EntryRules): void {
    try {
      this.#add(key, this.#codec.encode(value), rules);
    } catch (error) {
      void Promise.allSettled(this.#late); // nobody waits for those any more
      throw error;
    }
  }

  /** Returns the entries in the order they were added, or a promise of them. */
  finish(): readonly WriteEntry[] | Promise<readonly WriteEntry[]> {
    if (this.#late.length === 0) return this.#entries;
    return Promise.all(this.#late).then(() => this.#entries);
  }

  #add(key: string, bytes: Encoded | Promise<Encoded>, rules: EntryRules): void {
    if (!(bytes instanceof Promise)) {
      this.#entries.push({ key, bytes, rules });
      return;
    }
    const entry: Encoding = { key, bytes: "", rules };
    this.#entries.push(entry);
    this.#late.push(bytes.then((done) => (entry.bytes = done)));
  }
}
