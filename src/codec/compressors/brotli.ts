import {
  type BrotliOptions,
  brotliCompress,
  brotliCompressSync,
  brotliDecompress,
  brotliDecompressSync,
  constants,
} from "node:zlib";
import type { Compressor } from "../../contracts/compressor.ts";
import { nodeCompressor } from "./node-compressor.ts";

/** As fast as zlib and smaller; the default, 11, is a hundred times slower. */
const quality = 4;

/** Brotli. It carries no checksum: damage is found only where it breaks the format. */
export const brotliCompressor: Compressor = nodeCompressor({
  name: "brotli",
  compressSync: (bytes) => brotliCompressSync(bytes, optionsFor(bytes)),
  compress: (bytes, done) => brotliCompress(bytes, optionsFor(bytes), done),
  decompressSync: (bytes, maxOutputLength) => brotliDecompressSync(bytes, { maxOutputLength }),
  decompress: (bytes, maxOutputLength, done) => brotliDecompress(bytes, { maxOutputLength }, done),
});

function optionsFor(bytes: Uint8Array): BrotliOptions {
  return {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: quality,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  };
}
