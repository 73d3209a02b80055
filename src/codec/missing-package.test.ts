import { beforeEach, describe, expect, test, vi } from "vitest";
import { ConfigurationError, DecodeError } from "../contracts/errors.ts";
import type * as OptionalPackage from "./compressors/optional-package.ts";

const missing = [
  "lz4",
  "lzma",
  ...("zstdCompressSync" in (await import("node:zlib")) ? [] : ["zstd"]),
];

const packages: Readonly<Record<string, string>> = {
  lz4: "lz4-napi",
  lzma: "lzma-native",
  zstd: "@bokuweb/zstd-wasm",
};

describe.each(missing)("with the package of %s missing", (compressor) => {
  beforeEach(() => {
    vi.resetModules();
    vi.doMock("./compressors/optional-package.ts", async (importActual) => {
      const actual = await importActual<typeof OptionalPackage>();
      const none = (name: string): unknown => actual.requireOptionalPackage(`${name}/not-there`);
      return { ...actual, requireOptionalPackage: (name: string) => none(name) };
    });
  });

  test("the option is refused by name, at once", async () => {
    const { createCodec } = await import("./codec.ts");
    expect(() => createCodec({ compressor } as never)).toThrow(
      expect.objectContaining({
        name: ConfigurationError.name,
        option: "compressor",
        message: expect.stringContaining(`npm install ${packages[compressor]}`),
      }),
    );
  });

  test("a value that was written with it is refused by name", async () => {
    const { createCodec } = await import("./codec.ts");
    const ids: Readonly<Record<string, number>> = { zstd: 4, lz4: 5, lzma: 6 };
    const stored = Buffer.from([0xc1, 1, 0, 1, ids[compressor] ?? 0, 0]);
    expect(() => createCodec().decode(stored)).toThrow(
      expect.objectContaining({
        name: DecodeError.name,
        message: expect.stringContaining(`compressed with ${compressor}`),
      }),
    );
  });
});
