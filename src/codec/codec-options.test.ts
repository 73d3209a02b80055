import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../contracts/errors.ts";
import { createCodec } from "./codec.ts";

const methods = { encode: () => "", decode: () => 0, compress: () => 0, decompress: () => 0 };

/** Each row: the option at fault, options, and what the message says. */
const unusable: readonly (readonly [string, Record<string, unknown>, RegExp])[] = [
  ["serializer", { serializer: "jsno" }, /"auto", "json", "msgpack", "raw"/],
  ["serializer", { serializer: null }, /"auto"/],
  ["serializer", { serializer: 5 }, /"auto"/],
  ["serializer", { serializer: {} }, /encode and decode/],
  ["serializer", { serializer: { name: "x", encode: methods.encode } }, /encode and decode/],
  ["serializer", { serializer: { ...methods } }, /name/],
  ["serializer", { serializer: { ...methods, name: "" } }, /1 to 64/],
  ["serializer", { serializer: { ...methods, name: "a b" } }, /1 to 64/],
  ["compressor", { compressor: "zip" }, /"none", "zlib", "gzip", "brotli", "zstd", "lz4", "lzma"/],
  ["compressor", { compressor: "toString" }, /"none"/],
  ["compressor", { compressor: null }, /"none"/],
  ["compressor", { compressor: { name: "x", compress: methods.compress } }, /decompress/],
  ["compressor", { compressor: { ...methods, name: 5 } }, /1 to 64/],
  ["compressor", { serializer: "raw", compressor: "zlib" }, /"raw" leaves no mark/],
  ["compressMinBytes", { compressMinBytes: -1 }, /whole number of bytes, 0 or more; it is -1/],
  ["compressMinBytes", { compressMinBytes: 1.5 }, /1.5/],
  ["compressMinBytes", { compressMinBytes: NaN }, /NaN/],
  ["maxValueBytes", { maxValueBytes: 0 }, /1 or more; it is 0/],
  ["maxValueBytes", { maxValueBytes: Infinity }, /Infinity/],
  ["maxValueBytes", { maxValueBytes: "1mb" }, /1mb/],
];

describe("options that cannot be meant", () => {
  test.each(unusable)("%s: %o", (option, options, message) => {
    const error = failureOf(() => createCodec(options));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ option, message: expect.stringMatching(message) });
  });
});

test("what is absent has its default", () => {
  const codec = createCodec({ compressor: "zlib" });
  expect(codec.encode("a".repeat(1021))).toBeTypeOf("string");
  expect(codec.encode("a".repeat(1022))).toBeInstanceOf(Uint8Array);
  expect(() => createCodec().decode(Buffer.alloc(64 * 1024 * 1024 + 1))).toThrow(/67108864/);
});

test("raw may be told in so many words that nothing is compressed", () => {
  expect(createCodec({ serializer: "raw", compressor: "none" }).encode("x")).toBe("x");
});

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
