import type { Codec } from "../../codec/codec.ts";
import type { LivingReads, LivingValue } from "../../contracts/invalidation.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { Store } from "../../contracts/store.ts";
import { freezePlainData } from "../../kit/plain-data.ts";
import type { Outcome } from "../read-through/in-flight-loads.ts";
import { absent, Values } from "../values/values.ts";
import type { WriteOrder } from "../values/write-order.ts";
import type { NearCache, Reading } from "./near-cache.ts";

/** What {@link NearValues} are made of. */
export interface NearValuesParts {
  readonly near: NearCache;
  readonly reads: LivingReads;
  /** Where values are written, past the near cache. */
  readonly store: Store;
  readonly codec: Codec;
  readonly writeOrder: WriteOrder;
}

/**
 * Values, of which those read lately are near. Plain data is handed out frozen, so that all readers
 * may have the same; anything else is decoded anew for each.
 */
export class NearValues extends Values {
  readonly #near: NearCache;
  readonly #reads: LivingReads;
  readonly #store: Store;
  readonly #codec: Codec;
  /** What was decoded in order to be kept, until it is asked for. */
  readonly #decoded = new WeakMap<Encoded & object, Outcome>();

  constructor({ near, reads, store, codec, writeOrder }: NearValuesParts) {
    super(store, codec, writeOrder);
    this.#near = near;
    this.#reads = reads;
    this.#store = store;
    this.#codec = codec;
  }

  override kept(storedKey: string): unknown {
    return this.leaving(storedKey) ? absent : this.#near.find(storedKey);
  }

  override keptOf(storedKeys: Iterable<string>): ReadonlyMap<string, Outcome> {
    const kept = new Map<string, Outcome>();
    for (const storedKey of storedKeys) {
      const outcome = this.leaving(storedKey) ? undefined : this.#near.findOutcome(storedKey);
      if (outcome) kept.set(storedKey, outcome);
    }
    return kept;
  }

  override async readBytes(storedKey: string): Promise<Encoded | undefined> {
    await this.leaving(storedKey);
    const reading = this.#near.begin(storedKey);
    try {
      const living = reading
        ? await this.#reads.getWithLife(storedKey)
        : toUnkept(await this.#store.get(storedKey));
      await this.#take(living, reading);
      return living?.bytes;
    } finally {
      this.#near.end(reading);
    }
  }

  override async readMany(
    storedKeys: readonly string[],
  ): Promise<readonly (Encoded | undefined)[]> {
    if (storedKeys.length === 0) return [];
    for (const storedKey of storedKeys) await this.leaving(storedKey);
    const readings = storedKeys.map((storedKey) => this.#near.begin(storedKey));
    try {
      const all = readings.some((reading) => reading !== undefined)
        ? await this.#reads.getManyWithLives(storedKeys)
        : (await this.#store.getMany(storedKeys)).map(toUnkept);
      await Promise.all(all.map((living, index) => this.#take(living, readings[index])));
      return all.map((living) => living?.bytes);
    } finally {
      for (const reading of readings) this.#near.end(reading);
    }
  }

  override decode(bytes: Encoded | undefined): unknown {
    if (bytes === undefined || typeof bytes === "string") return super.decode(bytes);
    const decoded = this.#decoded.get(bytes);
    if (!decoded) return super.decode(bytes);
    // What cannot be shared has one owner: whoever asks first.
    if (decoded.bytes !== undefined) this.#decoded.delete(bytes);
    return decoded.value;
  }

  /** Decodes, and keeps. What cannot be decoded is told when somebody asks for it. */
  async #take(living: LivingValue | undefined, reading: Reading | undefined): Promise<void> {
    if (living === undefined || typeof living.bytes === "string") return;
    const { bytes, remainingMs } = living;
    let value: unknown;
    try {
      value = await this.#codec.decode(bytes);
    } catch {
      return;
    }
    const isShared = freezePlainData(value);
    this.#decoded.set(bytes, isShared ? { value } : { value, bytes });
    this.#near.keep(reading, { value, stored: bytes, isShared, remainingMs });
  }
}

/** Where nothing can be kept now, nobody asks how long. What is decoded is found again by its bytes. */
function toUnkept(stored: Encoded | undefined): LivingValue | undefined {
  if (stored === undefined) return undefined;
  return { bytes: typeof stored === "string" ? Buffer.from(stored) : stored, remainingMs: 0 };
}
