import type { Encoded } from "../../contracts/serializer.ts";

/** Takes what a read of one key comes to; what it returns, the read resolves with. */
export interface Reader<R> {
  /** @param stored the form it is stored in, `undefined` where all readers share the value */
  found(value: unknown, stored: Encoded | undefined): R;

  /** Nothing lives under the key. */
  missed(): R;

  /** The store did not answer, or what it stores cannot be decoded. */
  failed(error: unknown): R;
}

/** {@link Reader} of several keys, by their places. It hears nothing of a key that is absent. */
export interface BulkReader {
  found(at: number, value: unknown, stored: Encoded | undefined): void;
  failed(at: number, error: unknown): void;
}
