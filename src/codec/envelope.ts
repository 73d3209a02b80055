import { DecodeError } from "../contracts/errors.ts";
import type { Encoded } from "../contracts/serializer.ts";
import { asBuffer } from "./bytes.ts";

/*
 * The stored form. Its first byte tells what follows; nothing is guessed.
 *
 *   0-9 -            a number in decimals, so that any client may INCR an integer
 *   { [ " t f n      JSON text
 *   0xC1             our header: a byte that neither UTF-8 nor MessagePack ever uses
 *   anything else    written by something else
 *
 *      0        1         2       3            4            5
 *   ┌──────┬─────────┬───────┬────────────┬────────────┬─────────┬──────┐
 *   │ 0xC1 │ version │ flags │ serializer │ compressor │ names … │ body │
 *   └──────┴─────────┴───────┴────────────┴────────────┴─────────┴──────┘
 *
 *   version      1
 *   flags        0; bit 0 (times) and bit 1 (tags) are reserved for a later version
 *   serializer   1 text as above · 2 MessagePack · 3 MessagePack with tags · 255 named
 *   compressor   0 none · 1 zlib · 2 gzip · 3 brotli · 4 zstd · 5 lz4 · 6 lzma · 255 named
 *   names        for each 255, serializer first: one byte of length, then that much text
 */

/** The first byte of every value that has a header. */
export const magicByte = 0xc1;

const formatVersion = 1;
const noFlags = 0;
const fixedHeaderBytes = 5;
const namedId = 255;

const nameOfCustom = /^[\w.:@/+-]{1,64}$/;

/** What wrote, or compressed, a body: a number of ours, or the name of a custom one. */
export interface Label {
  readonly id: number;
  readonly name?: string;
}

/** A body and what it takes to read it. */
export interface Envelope {
  readonly serializer: Label;
  readonly compressor: Label;
  readonly body: Uint8Array;
}

export const textLabel: Label = { id: 1 };
export const msgpackLabel: Label = { id: 2 };
export const taggedMsgpackLabel: Label = { id: 3 };
export const uncompressedLabel: Label = { id: 0 };

/** Returns the label of a custom serializer or compressor. */
export function labelNamed(name: string): Label {
  return { id: namedId, name };
}

/** Whether `name` may name a custom serializer or compressor: it is shown in messages as it was read. */
export function isNameOfCustom(name: unknown): name is string {
  return typeof name === "string" && nameOfCustom.test(name);
}

/** Returns the stored form of a body: a header and a copy of it. */
export function wrap({ serializer, compressor, body }: Envelope): Buffer {
  const fixed = [magicByte, formatVersion, noFlags, serializer.id, compressor.id];
  const header = Buffer.from([...fixed, ...nameField(serializer), ...nameField(compressor)]);
  return Buffer.concat([header, body]);
}

/** Returns what a stored form with a header holds. The body is a view of `stored`, not a copy. */
export function unwrap(stored: Uint8Array): Envelope {
  const [, version, flags, serializerId, compressorId] = stored;
  if (serializerId === undefined || compressorId === undefined) throw cutShort();
  if (version !== formatVersion || flags !== noFlags) throw writtenByNewer();

  const serializer = readLabel(stored, { id: serializerId, offset: fixedHeaderBytes });
  const compressor = readLabel(stored, { id: compressorId, offset: serializer.end });
  return {
    serializer: serializer.label,
    compressor: compressor.label,
    body: stored.subarray(compressor.end),
  };
}

/** Returns the error for a format that this version does not know. */
export function writtenByNewer(): DecodeError {
  return new DecodeError("it was written by a newer version of cachewell");
}

/** Returns how many bytes a stored form takes. */
export function storedBytes(stored: Encoded): number {
  return typeof stored === "string" ? Buffer.byteLength(stored) : stored.length;
}

function nameField({ name }: Label): number[] {
  if (name === undefined) return [];
  const bytes = Buffer.from(name);
  return [bytes.length, ...bytes];
}

function readLabel(
  stored: Uint8Array,
  { id, offset }: { readonly id: number; readonly offset: number },
): { readonly label: Label; readonly end: number } {
  if (id !== namedId) return { label: { id }, end: offset };

  const length = stored[offset];
  const start = offset + 1;
  if (length === undefined || start + length > stored.length) throw cutShort();
  const name = asBuffer(stored).toString("latin1", start, start + length);
  if (!isNameOfCustom(name)) throw new DecodeError("it is damaged: its header names nothing");
  return { label: labelNamed(name), end: start + length };
}

function cutShort(): DecodeError {
  return new DecodeError("it is damaged: its header is cut short");
}
