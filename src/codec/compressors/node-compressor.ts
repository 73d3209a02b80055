import { constants } from "node:buffer";
import type { Compressor } from "../../contracts/compressor.ts";
import { ValueTooLargeError } from "../../contracts/errors.ts";

/** From this many bytes on the work goes to Node's thread pool, so that the event loop stays free. */
export const threadFromBytes: number = 64 * 1024;

/** The most that is decompressed on the event loop, however small the compressed form is. */
const mostOnEventLoop = 1024 * 1024;

/** How a function of `node:zlib` hands over what it made. */
export type Done = (error: Error | null, result: Buffer) => void;

/** The four functions of `node:zlib` that make one compressor. */
export interface NodeCodec {
  readonly name: string;
  readonly compressSync: (bytes: Uint8Array) => Uint8Array;
  readonly compress: (bytes: Uint8Array, done: Done) => void;
  readonly decompressSync: (bytes: Uint8Array, maxOutputLength: number) => Uint8Array;
  readonly decompress: (bytes: Uint8Array, maxOutputLength: number, done: Done) => void;
}

/** Makes a compressor that does small work at once and large work in the thread pool. */
export function nodeCompressor(codec: NodeCodec): Compressor {
  return {
    name: codec.name,
    compress: (bytes) =>
      bytes.length < threadFromBytes
        ? codec.compressSync(bytes)
        : promised((done) => codec.compress(bytes, done)),
    decompress: (bytes, maxBytes) => decompress(codec, bytes, maxBytes),
  };
}

function decompress(
  codec: NodeCodec,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  const limit = Math.max(1, Math.min(maxBytes, constants.MAX_LENGTH));
  if (bytes.length >= threadFromBytes) return decompressInThread(codec, bytes, limit);
  try {
    return codec.decompressSync(bytes, Math.min(limit, mostOnEventLoop));
  } catch (error) {
    if (!isTooLarge(error)) throw error;
    if (limit <= mostOnEventLoop) throw new ValueTooLargeError(maxBytes);
    return decompressInThread(codec, bytes, limit);
  }
}

async function decompressInThread(
  codec: NodeCodec,
  bytes: Uint8Array,
  limit: number,
): Promise<Uint8Array> {
  try {
    return await promised((done) => codec.decompress(bytes, limit, done));
  } catch (error) {
    throw isTooLarge(error) ? new ValueTooLargeError(limit) : error;
  }
}

function promised(run: (done: Done) => void): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    run((error, result) => (error ? reject(error) : resolve(result)));
  });
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}
