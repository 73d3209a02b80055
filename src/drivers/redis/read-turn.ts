import type { ReadReply } from "../../contracts/store.ts";
import { ReadBatch } from "./read-batch.ts";

/** The reads of one turn of the event loop: equal keys once, so many in a batch. */
export class ReadTurn<Reply = ReadReply> {
  readonly batches: ReadBatch<Reply>[] = [];
  readonly #keysPerBatch: number;
  /** By key, counted through all batches. */
  readonly #places = new Map<string, number>();
  #last: ReadBatch<Reply>;

  constructor(keysPerBatch: number) {
    this.#keysPerBatch = keysPerBatch;
    this.#last = this.#begin();
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Takes a call in. Returns the batch that its key is in. */
  join(key: string): ReadBatch<Reply> {
    const known = this.#places.get(key);
    if (known === undefined) return this.#add(key);
    const within = known % this.#keysPerBatch;
    const batch = this.batches[(known - within) / this.#keysPerBatch] ?? this.#last;
    batch.enter(key, within);
    return batch;
  }

  #add(key: string): ReadBatch<Reply> {
    if (this.#last.keys.length >= this.#keysPerBatch) this.#last = this.#begin();
    this.#places.set(key, this.#places.size);
    this.#last.enter(key, this.#last.keys.push(key) - 1);
    return this.#last;
  }

  #begin(): ReadBatch<Reply> {
    const batch = new ReadBatch<Reply>();
    this.batches.push(batch);
    return batch;
  }
}
