/** What travels to and from a store: text stays a string, binary stays bytes. */
export type Encoded = string | Uint8Array;

/**
 * Turns values into text or bytes and back. Synchronous.
 *
 * Whole numbers do not come here: they are stored as plain decimals, so that any client may count
 * them. A serializer that encrypts sees, and hides, everything else.
 *
 * A serializer throws whatever it likes; the codec wraps it in `EncodeError` or `DecodeError`.
 */
export interface Serializer {
  /** Short stable name, stored beside each value so that a reader knows what wrote it. */
  readonly name: string;

  /** Returns the value as text or bytes, or throws when it cannot be stored without loss. */
  encode(value: unknown): Encoded;

  /** Returns the value that `encode` was given. `bytes` must not be kept or changed. */
  decode(bytes: Uint8Array): unknown;
}
