import type { ReadReply } from "../../contracts/store.ts";

/** Keys that are read together, each of which is in it once, and the calls that wait for them. */
export class ReadBatch<Reply = ReadReply> {
  readonly keys: string[] = [];
  /** The place of the key that joined last. */
  place = 0;
  readonly replies: Promise<readonly Reply[]>;
  #calls = 0;
  #sizeBytes = 0;
  #settle: ((replies: Promise<readonly Reply[]>) => void) | undefined;

  constructor() {
    this.replies = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** How many calls wait for it. */
  get calls(): number {
    return this.#calls;
  }

  /** The bytes that their places are kept for. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  /** Counts a call in, whose key is at that place. */
  enter(key: string, place: number): void {
    this.place = place;
    this.#calls += 1;
    this.#sizeBytes += key.length;
  }

  answerWith(replies: Promise<readonly Reply[]>): void {
    this.#settle?.(replies);
  }
}
