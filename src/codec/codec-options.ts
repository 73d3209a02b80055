import { hasMethods } from "../checks/require.ts";
import type { Compressor } from "../contracts/compressor.ts";
import { ConfigurationError } from "../contracts/errors.ts";
import type { CacheOptions, SerializerName } from "../contracts/options.ts";
import type { Serializer } from "../contracts/serializer.ts";
import type { Compression } from "./compression.ts";
import { builtInCompressorNamed, builtInCompressorNames } from "./compressors/built-in.ts";
import { MissingPackageError } from "./compressors/optional-package.ts";
import { isNameOfCustom, labelNamed } from "./envelope.ts";

/** The options of a cache that decide how its values are stored. */
export type CodecOptions = Pick<
  CacheOptions,
  "serializer" | "compressor" | "compressMinBytes" | "maxValueBytes"
>;

const serializerNames: readonly SerializerName[] = ["auto", "json", "msgpack", "raw"];
const defaultCompressMinBytes = 1024;
const defaultMaxValueBytes = 64 * 1024 * 1024;

/** Returns the serializer's name, or the user's serializer. */
export function resolveSerializer(
  serializer: CodecOptions["serializer"] = "auto",
): SerializerName | Serializer {
  const known = serializerNames.find((name) => name === serializer);
  if (known) return known;
  if (typeof serializer === "object" && hasMethods(serializer, ["encode", "decode"])) {
    return requireName("serializer", serializer);
  }
  throw unusable("serializer", serializerNames, "encode and decode");
}

/** Returns what new values are compressed with, or `undefined` for not at all. */
export function resolveCompression(options: CodecOptions): Compression | undefined {
  const { compressor = "none" } = options;
  const minBytes = resolveBytes("compressMinBytes", options.compressMinBytes, {
    least: 0,
    fallback: defaultCompressMinBytes,
  });
  if (compressor === "none") return undefined;
  if (typeof compressor === "string") return { ...loadBuiltIn(compressor), minBytes };
  if (!hasMethods(compressor, ["compress", "decompress"])) throw unusableCompressor();
  const named: Compressor = requireName("compressor", compressor);
  return { compressor: named, label: labelNamed(named.name), minBytes };
}

/** Returns the largest size of an encoded value. */
export function resolveMaxValueBytes({ maxValueBytes }: CodecOptions): number {
  return resolveBytes("maxValueBytes", maxValueBytes, { least: 1, fallback: defaultMaxValueBytes });
}

function loadBuiltIn(name: string): Omit<Compression, "minBytes"> {
  const builtIn = builtInCompressorNamed(name);
  if (!builtIn) throw unusableCompressor();
  try {
    return { compressor: builtIn.load(), label: { id: builtIn.id } };
  } catch (cause) {
    if (!(cause instanceof MissingPackageError)) throw cause;
    throw new ConfigurationError(
      "compressor",
      `compressor ${JSON.stringify(name)}: ${cause.message}`,
      {
        cause,
      },
    );
  }
}

function resolveBytes(
  option: string,
  bytes: number | undefined,
  { least, fallback }: { readonly least: number; readonly fallback: number },
): number {
  if (bytes === undefined) return fallback;
  if (Number.isSafeInteger(bytes) && bytes >= least) return bytes;
  const message = `${option} must be a whole number of bytes, ${least} or more; it is ${String(bytes)}.`;
  throw new ConfigurationError(option, message);
}

function requireName<T extends { readonly name: string }>(option: string, named: T): T {
  if (isNameOfCustom(named.name)) return named;
  const message = `The name of a custom ${option} must be 1 to 64 letters, digits or any of . _ : @ / + -`;
  throw new ConfigurationError(option, `${message}.`);
}

function unusableCompressor(): ConfigurationError {
  return unusable("compressor", ["none", ...builtInCompressorNames], "compress and decompress");
}

function unusable(option: string, names: readonly string[], methods: string): ConfigurationError {
  const choices = names.map((name) => JSON.stringify(name)).join(", ");
  const message = `${option} must be one of ${choices}, or an object with name, ${methods}.`;
  return new ConfigurationError(option, message);
}
