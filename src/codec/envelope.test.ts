import { describe, expect, test } from "vitest";
import { createCodec } from "./codec.ts";
import { isNameOfCustom, labelNamed, msgpackLabel, textLabel, unwrap, wrap } from "./envelope.ts";

const hex = (bytes: string): Buffer => Buffer.from(bytes.replaceAll(" ", ""), "hex");

describe("the header", () => {
  test.each([
    ["MessagePack", createCodec(), new Date(1000), "c1 01 00 02 00 d6ff00000001"],
    ["MessagePack with tags", createCodec(), [-0], "c1 01 00 03 00 91 92a100a22d30"],
  ])("of %s is as drawn", (_, codec, value, stored) => {
    expect(codec.encode(value)).toStrictEqual(hex(stored));
    expect(codec.decode(hex(stored))).toStrictEqual(value);
  });

  test("of compressed text is as drawn", () => {
    const codec = createCodec({ compressor: "zlib", compressMinBytes: 0 });
    const stored = codec.encode("a".repeat(100));
    expect(Buffer.from(stored as Uint8Array).subarray(0, 7)).toStrictEqual(
      hex("c1 01 00 01 01 789c"),
    );
  });

  test("holds the names of what is not ours, serializer first", () => {
    const envelope = { serializer: labelNamed("ab"), compressor: labelNamed("c"), body: hex("05") };
    const stored = hex("c1 01 00 ff ff 02 6162 01 63 05");
    expect(wrap(envelope)).toStrictEqual(stored);
    expect(unwrap(stored)).toStrictEqual(envelope);
  });

  test("is read without copying the body", () => {
    const stored = wrap({ serializer: textLabel, compressor: msgpackLabel, body: hex("0102") });
    expect(unwrap(stored).body.buffer).toBe(stored.buffer);
  });
});

describe("a header that makes no sense", () => {
  const codec = createCodec();

  test.each([
    ["a later version", "c1 02 00 02 00 c0"],
    ["times", "c1 01 01 02 00 c0"],
    ["tags", "c1 01 02 02 00 c0"],
    ["a later flag", "c1 01 80 02 00 c0"],
    ["a serializer of a later version", "c1 01 00 09 00 c0"],
    ["no serializer", "c1 01 00 00 00 c0"],
    ["a compressor of a later version", "c1 01 00 02 63 c0"],
    ["a tag of a later version", "c1 01 00 03 00 92 a100 a178"],
  ])("is said to be written by a newer version: %s", (_, stored) => {
    expect(() => codec.decode(hex(stored))).toThrow(/newer version/);
  });

  test.each([
    ["the first byte alone", "c1"],
    ["no compressor", "c1 01 00 02"],
    ["no name", "c1 01 00 ff 00"],
    ["half a name", "c1 01 00 ff 00 05 6162"],
    ["a name of nothing", "c1 01 00 ff 00 00 6162"],
    ["a name that is none", "c1 01 00 02 ff 03 7b2261"],
  ])("is said to be damaged: %s", (_, stored) => {
    expect(() => codec.decode(hex(stored))).toThrow(/damaged: its header/);
  });

  test("is not shown in the message", () => {
    const stored = Buffer.concat([hex("c1 01 00 ff 00 0c"), Buffer.from('{"pass":"x"}')]);
    expect(() => codec.decode(stored)).not.toThrow(/pass/);
  });
});

test.each([
  ["a", true],
  ["my-codec@2/v1.x:+_", true],
  ["a".repeat(64), true],
  ["", false],
  ["a".repeat(65), false],
  ["a b", false],
  ["é", false],
  [5, false],
])("%j may name a serializer: %s", (name, may) => {
  expect(isNameOfCustom(name)).toBe(may);
});
