import { type Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Compressor } from "../../contracts/compressor.ts";
import { ValueTooLargeError } from "../../contracts/errors.ts";
import { requireOptionalPackage } from "./optional-package.ts";

const lzmaPackage = "lzma-native";

/** Within a tenth of the default, 6, at a tenth of its time and a third of its memory. */
const preset = 3;

/** The most memory that unpacking may take: more than any preset needs. */
const memlimit = 128 * 1024 * 1024;

/** Unpacking cannot be stopped within a piece, and a byte may hold thousands. */
const pieceBytes = 4096;

/** The part of the optional package that we call. */
interface Lzma {
  compress(bytes: Uint8Array, options: { preset: number }): Promise<Uint8Array>;
  createStream(coder: "streamDecoder", options: { memlimit: number }): Duplex;
}

/** LZMA in the xz container, with its checksum. Always works in the thread pool. */
export function loadLzma(): Compressor {
  // The cast: a package loaded at run time has no types of ours.
  const lzma = requireOptionalPackage(lzmaPackage) as Lzma;
  return {
    name: "lzma",
    compress: (bytes) => lzma.compress(bytes, { preset }),
    decompress: async (bytes, maxBytes) => {
      const content = new BoundedBytes(maxBytes);
      const decoder = lzma.createStream("streamDecoder", { memlimit });
      await pipeline(Readable.from(piecesOf(bytes)), decoder, content);
      return content.toBuffer();
    },
  };
}

function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += pieceBytes) {
    yield bytes.subarray(start, start + pieceBytes);
  }
}

/** Collects bytes, and fails once there are too many. */
class BoundedBytes extends Writable {
  readonly #maxBytes: number;
  readonly #pieces: Buffer[] = [];
  #sizeBytes = 0;

  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }

  override _write(piece: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#sizeBytes += piece.length;
    this.#pieces.push(piece);
    done(this.#sizeBytes > this.#maxBytes ? new ValueTooLargeError(this.#maxBytes) : undefined);
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}
