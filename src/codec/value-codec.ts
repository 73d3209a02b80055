import { DecodeError, ValueTooLargeError } from "../contracts/errors.ts";
import type { Encoded, Serializer } from "../contracts/serializer.ts";
import { type Compression, compress, decompress, requireCompressor } from "./compression.ts";
import {
  type Label,
  magicByte,
  msgpackLabel,
  storedBytes,
  taggedMsgpackLabel,
  textLabel,
  uncompressedLabel,
  unwrap,
  wrap,
  writtenByNewer,
} from "./envelope.ts";
import { after, type MaybePromise } from "./maybe-promise.ts";
import { parsePlainText, toCounterText, toText } from "./plain-text.ts";
import { fromCustom } from "./serializers/custom.ts";
import { fromMsgpack, fromTaggedMsgpack, toMsgpack } from "./serializers/msgpack.ts";
import type { Framed, Serialize, Serialized } from "./serializers/serialized.ts";

/** What a {@link ValueCodec} is made of. */
export interface ValueCodecOptions {
  readonly serialize: Serialize;
  /** The user's serializer, where there is one. */
  readonly custom: Serializer | undefined;
  readonly compression: Compression | undefined;
  readonly maxValueBytes: number;
}

/** Stores values in a form that says by itself how to read it, whatever it was written with. */
export class ValueCodec {
  readonly #options: ValueCodecOptions;

  constructor(options: ValueCodecOptions) {
    this.#options = options;
  }

  encode(value: unknown): MaybePromise<Encoded> {
    const { serialize, compression, maxValueBytes } = this.#options;
    const isObject = typeof value === "object"; // most are
    const serialized = isObject ? serialize(value) : serializePrimitive(value, serialize);
    const stored = typeof serialized === "string" ? serialized : wrapUncompressed(serialized);
    requireFit(stored, maxValueBytes);
    return compression ? compress({ stored, serialized }, compression) : stored;
  }

  decode(stored: Encoded): unknown {
    requireFit(stored, this.#options.maxValueBytes);
    if (typeof stored === "string") return parsePlainText(stored);
    if (stored[0] !== magicByte) return parsePlainText(toText(stored));
    return this.#open(stored);
  }

  #open(stored: Uint8Array): unknown {
    const { compression, maxValueBytes } = this.#options;
    const { serializer, compressor, body } = unwrap(stored);
    if (compressor.id === uncompressedLabel.id) return this.#read(serializer, body);

    const written = requireCompressor(compressor, compression);
    const content = decompress(written, body, maxValueBytes);
    return after(content, (bytes) => this.#read(serializer, bytes));
  }

  #read({ id, name }: Label, body: Uint8Array): unknown {
    if (name !== undefined) return fromCustom(this.#requireCustom(name), body);
    switch (id) {
      case textLabel.id:
        return parsePlainText(toText(body));
      case msgpackLabel.id:
        return fromMsgpack(body);
      case taggedMsgpackLabel.id:
        return fromTaggedMsgpack(body);
      default:
        throw writtenByNewer();
    }
  }

  #requireCustom(name: string): Serializer {
    const { custom } = this.#options;
    if (custom && custom.name === name) return custom;
    throw new DecodeError(`it was written by ${JSON.stringify(name)}, which this cache has not`);
  }
}

/** Integers, and `undefined`, which only a `negativeTtl` stores, are the same whatever the serializer. */
function serializePrimitive(value: unknown, serialize: Serialize): Serialized {
  return toCounterText(value) ?? (value === undefined ? toMsgpack(value) : serialize(value));
}

function wrapUncompressed({ serializer, body }: Framed): Encoded {
  return wrap({ serializer, compressor: uncompressedLabel, body });
}

/** Throws when a stored form is larger than a value may be. */
export function requireFit(stored: Encoded, maxBytes: number): void {
  // Counting the bytes of text takes time; no character takes more than three.
  if (typeof stored === "string" && stored.length * 3 <= maxBytes) return;
  const sizeBytes = typeof stored === "string" ? storedBytes(stored) : stored.length;
  if (sizeBytes > maxBytes) throw new ValueTooLargeError(maxBytes, sizeBytes);
}
