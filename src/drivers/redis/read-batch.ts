import type { ReadReply, SharedRead } from "../../contracts/store.ts";

/** Keys that are read together. A key that is asked for twice is in it once. */
export class ReadBatch implements SharedRead {
  readonly keys: string[] = [];
  readonly replies: Promise<readonly ReadReply[]>;
  readonly #places = new Map<string, number>();
  #calls = 0;
  #sizeBytes = 0;
  #settle: ((replies: Promise<readonly ReadReply[]>) => void) | undefined;

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

  has(key: string): boolean {
    return this.#places.has(key);
  }

  join(key: string): number {
    this.#calls += 1;
    this.#sizeBytes += key.length;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.keys.push(key) - 1;
    this.#places.set(key, place);
    return place;
  }

  answerWith(replies: Promise<readonly ReadReply[]>): void {
    this.#settle?.(replies);
  }
}
