import type { ReadReply } from "../../contracts/store.ts";
import { ReadBatch } from "./read-batch.ts";

/** The reads of one turn of the event loop: equal keys once, so many in a batch. */
export class ReadTurn<Reply = ReadReply> {
  readonly batches: ReadBatch<Reply>[] = [];
  readonly #keysPerBatch: number;
  /** By key, counted through all batches. */
  readonly #places = new Map<string, number>();
  #joined: ReadBatch<Reply>;

  constructor(keysPerBatch: number) {
    this.#keysPerBatch = keysPerBatch;
    this.#joined = this.#begin();
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Takes a call in. Returns the place of its reply among `replies`. */
  join(key: string): number {
    const known = this.#places.get(key);
    const place = known ?? this.#places.size;
    const within = place % this.#keysPerBatch;
    this.#joined = this.batches[(place - within) / this.#keysPerBatch] ?? this.#begin();
    if (known === undefined) {
      this.#places.set(key, place);
      this.#joined.keys.push(key);
    }
    this.#joined.enter(key);
    return within;
  }

  /** Those of the batch that the last call joined. */
  get replies(): Promise<readonly Reply[]> {
    return this.#joined.replies;
  }

  #begin(): ReadBatch<Reply> {
    const batch = new ReadBatch<Reply>();
    this.batches.push(batch);
    return batch;
  }
}
