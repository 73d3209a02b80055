import type { Compressor } from "../../contracts/compressor.ts";
import { ValueTooLargeError } from "../../contracts/errors.ts";
import { asBuffer } from "../bytes.ts";
import { after } from "../maybe-promise.ts";
import { threadFromBytes } from "./node-compressor.ts";
import { requireOptionalPackage } from "./optional-package.ts";

const lz4Package = "lz4-napi";

/** An LZ4 block never makes more of a byte. */
const largestRatio = 255;

/** The part of the optional package that we call. Its blocks begin with the size of their content. */
interface Lz4 {
  compress(bytes: Uint8Array): Promise<Uint8Array>;
  compressSync(bytes: Uint8Array): Uint8Array;
  uncompress(bytes: Uint8Array): Promise<Uint8Array>;
  uncompressSync(bytes: Uint8Array): Uint8Array;
}

/** LZ4 blocks. They carry no checksum: damage is found only where it breaks the format. */
export function loadLz4(): Compressor {
  // The cast: a package loaded at run time has no types of ours.
  const lz4 = requireOptionalPackage(lz4Package) as Lz4;
  return {
    name: "lz4",
    compress: (bytes) =>
      bytes.length < threadFromBytes ? lz4.compressSync(bytes) : lz4.compress(bytes),
    decompress: (bytes, maxBytes) => decompress(lz4, bytes, maxBytes),
  };
}

function decompress(
  lz4: Lz4,
  bytes: Uint8Array,
  maxBytes: number,
): Uint8Array | Promise<Uint8Array> {
  // The package reserves what the block announces, so a lie must not reach it.
  const sizeBytes = asBuffer(bytes).readUInt32LE(0);
  if (sizeBytes > bytes.length * largestRatio) throw new Error("not the size it can have");
  if (sizeBytes > maxBytes) throw new ValueTooLargeError(maxBytes, sizeBytes);

  const content = sizeBytes < threadFromBytes ? lz4.uncompressSync(bytes) : lz4.uncompress(bytes);
  return after(content, (whole) => {
    if (whole.length !== sizeBytes) throw new Error("not the size it announces");
    return whole;
  });
}
