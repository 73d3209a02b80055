import type { Chunk } from "./faults.ts";

/** Chunks of replies that the proxy has not yet forwarded, oldest first. */
export class ReplyQueue {
  #chunks: Chunk[] = [];
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get oldest(): Chunk | undefined {
    return this.#chunks[0];
  }

  add(bytes: Uint8Array): void {
    this.#chunks.push({ bytes, arrivedMs: performance.now(), chance: Math.random() });
    this.#sizeBytes += bytes.length;
  }

  /** Removes the first `count` bytes of the oldest chunk, and returns them. */
  take(count: number): Uint8Array {
    const [chunk] = this.#chunks;
    if (chunk === undefined) throw new RangeError("The queue is empty.");
    const rest = chunk.bytes.subarray(count);
    if (rest.length === 0) this.#chunks.shift();
    else this.#chunks[0] = { ...chunk, bytes: rest };
    this.#sizeBytes -= chunk.bytes.length - rest.length;
    return chunk.bytes.subarray(0, count);
  }

  clear(): void {
    this.#chunks = [];
    this.#sizeBytes = 0;
  }
}
