import { asBuffer } from "../bytes.ts";

const zstdMagic = 0xfd2fb528;
const descriptorOffset = 4;

/**
 * Returns the size of the content that a zstd frame announces (RFC 8878, 3.1.1).
 *
 * Throws for a frame that announces none: we never write one, and could not bound it.
 */
export function contentSizeOf(frame: Uint8Array): number {
  const bytes = asBuffer(frame);
  if (bytes.readUInt32LE(0) !== zstdMagic) throw new Error("not a zstd frame");

  const descriptor = bytes.readUInt8(descriptorOffset);
  const isSingleSegment = (descriptor & 0b10_0000) !== 0;
  const windowBytes = isSingleSegment ? 0 : 1;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0b11] ?? 0;
  const offset = descriptorOffset + 1 + windowBytes + dictionaryBytes;
  return readSize(bytes, { offset, code: descriptor >> 6, isSingleSegment });
}

function readSize(
  bytes: Buffer,
  { offset, code, isSingleSegment }: { offset: number; code: number; isSingleSegment: boolean },
): number {
  if (code === 3) return Number(bytes.readBigUInt64LE(offset));
  if (code === 2) return bytes.readUInt32LE(offset);
  if (code === 1) return bytes.readUInt16LE(offset) + 256;
  if (isSingleSegment) return bytes.readUInt8(offset);
  throw new Error("a zstd frame that does not tell its size");
}
