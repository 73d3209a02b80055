import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fidelityValues } from "../../test/contracts/fidelity-values.ts";
import { DecodeError, ValueTooLargeError } from "../contracts/errors.ts";
import type { CompressorName } from "../contracts/options.ts";
import { createCodec } from "./codec.ts";

const maxValueBytes = 1024 * 1024;
const codec = createCodec({ maxValueBytes });
const mebibyte = 1024 * 1024;

/** The first bytes of what MessagePack reads a length, or an extension, from. */
const telling = [
  0xc1, 0xc4, 0xc6, 0xc9, 0xd4, 0xd5, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0x62, 0x69, 0x72, 0x74,
];

const compressors: readonly CompressorName[] = ["none", "zlib", "brotli", "zstd", "lz4"];

const valid = (
  await Promise.all(
    compressors.map(async (compressor) => {
      const writer = createCodec({ serializer: "msgpack", compressor, compressMinBytes: 0 });
      const stored = fidelityValues.map(async ({ make }) =>
        Buffer.from(await writer.encode(make())),
      );
      return Promise.all(stored);
    }),
  )
)
  .flat()
  .filter((stored) => stored.length < 10_000);

interface Damage {
  readonly at: number;
  readonly remove: number;
  readonly insert: Uint8Array;
}

const anyDamage: fc.Arbitrary<Damage> = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  remove: fc.oneof(fc.constantFrom(0, 1), fc.nat(20)),
  insert: fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .tuple(fc.constantFrom(...telling), fc.uint8Array({ maxLength: 5 }))
      .map(([first, rest]) => new Uint8Array([first, ...rest])),
  ),
});

function damaged(stored: Buffer, { at, remove, insert }: Damage): Buffer {
  const start = Math.floor(at * stored.length);
  return Buffer.concat([stored.subarray(0, start), insert, stored.subarray(start + remove)]);
}

async function decodeOrRefuse(stored: Buffer): Promise<void> {
  try {
    await codec.decode(stored);
  } catch (error) {
    if (!(error instanceof DecodeError) && !(error instanceof ValueTooLargeError)) throw error;
  }
}

describe("whatever is stored is a value, a DecodeError or a ValueTooLargeError", () => {
  const prototypes = [Object, Array, Map, Set, Error, String].map((native) => native.prototype);
  const before = prototypes.map((prototype) => Reflect.ownKeys(prototype));

  test("when valid values are damaged", async () => {
    const property = fc.asyncProperty(
      fc.constantFrom(...valid),
      fc.array(anyDamage, { minLength: 1, maxLength: 4 }),
      async (stored, damages) => decodeOrRefuse(damages.reduce(damaged, stored)),
    );
    await expect(fc.assert(property, { numRuns: 8000 })).resolves.toBeUndefined();
  });

  const headers: readonly (readonly [string, readonly number[]])[] = [
    ["no header", []],
    ["a header of text", [0xc1, 1, 0, 1, 0]],
    ["a header of MessagePack", [0xc1, 1, 0, 2, 0]],
    ["a header of MessagePack with tags", [0xc1, 1, 0, 3, 0]],
    ["a header and a tag", [0xc1, 1, 0, 3, 0, 0x93, 0xa1, 0, 0xa5, ...Buffer.from("error")]],
    ["a header of zlib", [0xc1, 1, 0, 2, 1]],
    ["a header of gzip", [0xc1, 1, 0, 2, 2]],
    ["a header of brotli", [0xc1, 1, 0, 2, 3]],
    ["a header of zstd", [0xc1, 1, 0, 2, 4]],
    ["a header of LZ4", [0xc1, 1, 0, 2, 5]],
  ];

  test.each(headers)("when it is %s and random bytes", async (_, header) => {
    const property = fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) =>
      decodeOrRefuse(Buffer.concat([Buffer.from(header), bytes])),
    );
    await expect(fc.assert(property, { numRuns: 1000 })).resolves.toBeUndefined();
  });

  test("and no prototype is touched", () => {
    expect(prototypes.map((prototype) => Reflect.ownKeys(prototype))).toStrictEqual(before);
  });
});

describe("a length that lies reserves no memory", () => {
  const head = "c1010002 00";
  const tagged = "c1010003 00";
  const bytes = (hex: string, repeat = 1): Buffer =>
    Buffer.from(
      hex.replaceAll(" ", "").replace(/\((\w+)\)/, (_, part) => part.repeat(repeat)),
      "hex",
    );

  test.each([
    ["an array", bytes(`${head} ddffffffff`)],
    ["an array just short of dictionary mode", bytes(`${head} dd01ffffff`)],
    ["arrays inside each other", bytes(`${head} (dd01ffffff)`, 1000)],
    ["short arrays inside each other", bytes(`${head} (dcffff)`, 2000)],
    ["a Map", bytes(`${head} dfffffffff`)],
    ["text", bytes(`${head} dbffffffff`)],
    ["bytes", bytes(`${head} c6ffffffff`)],
    ["a typed array", bytes(`${head} c9ffffffff74`)],
    ["a BigInt", bytes(`${head} c9ffffffff42`)],
    ["a Set", bytes(`${head} d47300 ddffffffff`)],
    ["the names of a record", bytes(`${head} d47240 ddffffffff`)],
    ["a bundle of text", bytes(`${head} d662ffffffff dbffffffff`)],
    ["a reference to an object", bytes(`${head} d670ffffffff`)],
    [
      "an array with holes, and pairs that are none",
      bytes(`${tagged} 94 a100 a5686f6c6573 ce01ffffff c0`),
    ],
    ["LZ4", bytes("c101000205 00000f00 00000000")],
    ["zstd", bytes("c101000204 28b52ffd a0 00000f00 00")],
  ])("of %s", async (_, stored) => {
    const before = process.memoryUsage();
    await expect((async () => codec.decode(stored))()).rejects.toThrow(DecodeError);
    const after = process.memoryUsage();
    expect(after.heapUsed - before.heapUsed).toBeLessThan(32 * mebibyte);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * mebibyte);
  });

  test("of an array with holes, which is as long as it says", () => {
    const stored = bytes(`${tagged} 94 a100 a5686f6c6573 ceffffffff 90`);
    expect(codec.decode(stored)).toHaveLength(0xffff_ffff);
  });
});

describe("what is deep beyond reason is refused or read, never a crash", () => {
  test.each([
    [
      "arrays of MessagePack",
      Buffer.concat([Buffer.from([0xc1, 1, 0, 2, 0]), Buffer.alloc(500_000, 0x91)]),
    ],
    [
      "tagged arrays",
      Buffer.concat([Buffer.from([0xc1, 1, 0, 3, 0]), Buffer.alloc(500_000, 0x91)]),
    ],
    ["Maps", Buffer.concat([Buffer.from([0xc1, 1, 0, 2, 0]), Buffer.alloc(500_000, 0x81)])],
    ["JSON arrays that do not end", Buffer.alloc(500_000, "[")],
    ["JSON objects that do not end", Buffer.from('{"a":'.repeat(100_000))],
  ])("%s", (_, stored) => {
    expect(() => codec.decode(stored)).toThrow(DecodeError);
  });

  test("JSON arrays that do end", () => {
    const stored = "[".repeat(100_000) + "]".repeat(100_000);
    expect(codec.decode(stored)).toHaveLength(1);
  });
});

test("a __proto__ in JSON is a property like any other", () => {
  const value = codec.decode('{"__proto__":{"polluted":true}}');
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.hasOwn(Object(value), "__proto__")).toBe(true);
  expect({}).not.toHaveProperty("polluted");
});

test("a __proto__ in MessagePack changes no prototype", () => {
  const record = Buffer.from(
    "c10100020092d4724091a95f5f70726f746f5f5f91 0140 02".replaceAll(" ", ""),
    "hex",
  );
  const [value] = Object(codec.decode(record));
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});
