import type { ReadReply } from "../../contracts/store.ts";
import { ReadBatch } from "./read-batch.ts";

/** The reads of one turn of the event loop: equal keys once, so many in a batch. */
export class ReadTurn<Reply = ReadReply> {
  readonly batches: ReadBatch<Reply>[] = [];
  readonly #keysPerBatch: number;
  /** By key, counted through all batches. */
  readonly #places = new Map<string, number>();
  #last: ReadBatch<Reply>;
  #joined: ReadBatch<Reply>;

  constructor(keysPerBatch: number) {
    this.#keysPerBatch = keysPerBatch;
    this.#last = this.#begin();
    this.#joined = this.#last;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Takes a call in. Returns the place of its reply among `replies`. */
  join(key: string): number {
    const known = this.#places.get(key);
    if (known === undefined) return this.#add(key);
    const within = known % this.#keysPerBatch;
    this.#joined = this.batches[(known - within) / this.#keysPerBatch] ?? this.#last;
    this.#joined.enter(key);
    return within;
  }

  /** Those of the batch that the last call joined. */
  get replies(): Promise<readonly Reply[]> {
    return this.#joined.replies;
  }

  #add(key: string): number {
    if (this.#last.keys.length >= this.#keysPerBatch) this.#last = this.#begin();
    this.#places.set(key, this.#places.size);
    this.#joined = this.#last;
    this.#joined.enter(key);
    return this.#joined.keys.push(key) - 1;
  }

  #begin(): ReadBatch<Reply> {
    const batch = new ReadBatch<Reply>();
    this.batches.push(batch);
    return batch;
  }
}
