import type { Encoded } from "./serializer.ts";

/**
 * Turns values into what a store keeps and back.
 *
 * Both ways are synchronous unless a large value is compressed, or the compressor is asynchronous
 * by nature. Both throw, or reject, with `EncodeError`, `DecodeError` and `ValueTooLargeError` only.
 */
export interface Codec {
  /** Returns the stored form, which shares no memory with `value`, or a promise of it. */
  encode(value: unknown): Encoded | Promise<Encoded>;

  /** Returns the value, which shares no memory with `stored`, or a promise of it. */
  decode(stored: Encoded): unknown;
}
