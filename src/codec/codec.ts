import type { Codec } from "../contracts/codec.ts";
import { ConfigurationError } from "../contracts/errors.ts";
import type { SerializerName } from "../contracts/options.ts";
import type { Serializer } from "../contracts/serializer.ts";
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
