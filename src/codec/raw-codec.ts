import type { Encoded } from "../contracts/serializer.ts";
import { fromRaw, toRaw } from "./serializers/raw.ts";
import { requireFit } from "./value-codec.ts";

/** Stores text and bytes as they are, without a header, and gives back bytes. */
export class RawCodec {
  readonly #maxValueBytes: number;

  constructor(maxValueBytes: number) {
    this.#maxValueBytes = maxValueBytes;
  }

  encode(value: unknown): Encoded {
    const stored = toRaw(value);
    requireFit(stored, this.#maxValueBytes);
    return stored;
  }

  decode(stored: Encoded): Buffer {
    requireFit(stored, this.#maxValueBytes);
    return fromRaw(stored);
  }
}
