import { gunzip, gunzipSync, gzip, gzipSync } from "node:zlib";
import type { Compressor } from "../../contracts/compressor.ts";
import { nodeCompressor } from "./node-compressor.ts";

const operatingSystemOffset = 9;
const unknownOperatingSystem = 255;

/**
 * DEFLATE with gzip's header and checksum.
 *
 * Equal values make equal bytes on every machine: Node writes no time, and we write no system.
 */
export const gzipCompressor: Compressor = nodeCompressor({
  name: "gzip",
  compressSync: (bytes) => withoutOperatingSystem(gzipSync(bytes)),
  compress: (bytes, done) =>
    gzip(bytes, (error, result) => done(error, error ? result : withoutOperatingSystem(result))),
  decompressSync: (bytes, maxOutputLength) => gunzipSync(bytes, { maxOutputLength }),
  decompress: (bytes, maxOutputLength, done) => gunzip(bytes, { maxOutputLength }, done),
});

/** Node names the system it runs on in the header of the file it has just made. */
function withoutOperatingSystem(gzipped: Buffer): Buffer {
  gzipped[operatingSystemOffset] = unknownOperatingSystem;
  return gzipped;
}
