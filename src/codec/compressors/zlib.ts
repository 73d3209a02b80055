import { deflate, deflateSync, inflate, inflateSync } from "node:zlib";
import type { Compressor } from "../../contracts/compressor.ts";
import { nodeCompressor } from "./node-compressor.ts";

/** DEFLATE with zlib's header and checksum, at zlib's own default level. */
export const zlibCompressor: Compressor = nodeCompressor({
  name: "zlib",
  compressSync: (bytes) => deflateSync(bytes),
  compress: (bytes, done) => deflate(bytes, done),
  decompressSync: (bytes, maxOutputLength) => inflateSync(bytes, { maxOutputLength }),
  decompress: (bytes, maxOutputLength, done) => inflate(bytes, { maxOutputLength }, done),
});
