/** Makes bytes smaller and back. Both ways may be asynchronous, and must settle: `close()` waits for them. */
export interface Compressor {
  /** Short stable name, stored beside each compressed value so that a reader knows how to undo it. */
  readonly name: string;

  /** Returns the compressed form of `bytes`. */
  compress(bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;

  /**
   * Returns the original bytes.
   *
   * Must stop, by throwing, before it has produced more than `maxBytes`: this is what keeps a
   * decompression bomb out.
   */
  decompress(bytes: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
}
