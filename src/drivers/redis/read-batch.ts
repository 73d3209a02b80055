import type { ReadReply } from "../../contracts/store.ts";

/** Keys that are read together. A key that is asked for twice is in it once. */
export class ReadBatch<Reply = ReadReply> {
  readonly keys: string[] = [];
  readonly replies: Promise<readonly Reply[]>;
  readonly #places = new Map<string, number>();
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

  has(key: string): boolean {
    return this.#places.has(key);
  }

  /** Takes a call in. Returns the place of its reply. */
  join(key: string): number {
    this.#calls += 1;
    this.#sizeBytes += key.length;
    const known = this.#places.get(key);
    if (known !== undefined) return known;
    const place = this.keys.push(key) - 1;
    this.#places.set(key, place);
    return place;
  }

  answerWith(replies: Promise<readonly Reply[]>): void {
    this.#settle?.(replies);
  }
}
