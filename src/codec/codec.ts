import { ConfigurationError } from "../contracts/errors.ts";
import type { SerializerName } from "../contracts/options.ts";
import type { Encoded, Serializer } from "../contracts/serializer.ts";
import {
  type CodecOptions,
  resolveCompression,
  resolveMaxValueBytes,
  resolveSerializer,
} from "./codec-options.ts";
import { RawCodec } from "./raw-codec.ts";
import { toJsonOrMsgpack } from "./serializers/auto.ts";
import { toCustom } from "./serializers/custom.ts";
import { toStrictJson } from "./serializers/json.ts";
import { toMsgpack } from "./serializers/msgpack.ts";
import type { Serialize } from "./serializers/serialized.ts";
import { ValueCodec } from "./value-codec.ts";

/**
 * Turns values into what a store keeps and back.
 *
 * Both ways are synchronous unless a large value is compressed, or the compressor is asynchronous
 * by nature. Both throw, or reject, with `EncodeError`, `DecodeError` and `ValueTooLargeError` only.
 */
export interface Codec {
  /** Returns the stored form, which shares no memory with `value`, or a promise of it. */
  encode(value: unknown): Encoded | Promise<Encoded>;

  /** Returns the value, which shares no memory with `stored`, or a promise of it. */
  decode(stored: Encoded): unknown;
}

const serializeByName: Readonly<Record<Exclude<SerializerName, "raw">, Serialize>> = {
  auto: toJsonOrMsgpack,
  json: toStrictJson,
  msgpack: toMsgpack,
};

/** Makes the codec that the options ask for, or throws a `ConfigurationError`. */
export function createCodec(options: CodecOptions = {}): Codec {
  const serializer = resolveSerializer(options.serializer);
  const compression = resolveCompression(options);
  const maxValueBytes = resolveMaxValueBytes(options);
  if (serializer === "raw") {
    if (compression) throw rawIsUncompressed();
    return new RawCodec(maxValueBytes);
  }
  return new ValueCodec({ ...serializing(serializer), compression, maxValueBytes });
}

function serializing(serializer: Exclude<SerializerName, "raw"> | Serializer): {
  readonly serialize: Serialize;
  readonly custom: Serializer | undefined;
} {
  return typeof serializer === "string"
    ? { serialize: serializeByName[serializer], custom: undefined }
    : { serialize: toCustom(serializer), custom: serializer };
}

function rawIsUncompressed(): ConfigurationError {
  const message =
    'The serializer "raw" leaves no mark, so nothing could tell compressed bytes apart.';
  return new ConfigurationError("compressor", `${message} Use compressor "none".`);
}
