import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { assertSameValue } from "../../test/contracts/fidelity-values.ts";
import type { Compressor } from "../contracts/compressor.ts";
import { DecodeError, EncodeError, ValueTooLargeError } from "../contracts/errors.ts";
import type { CompressorName } from "../contracts/options.ts";
import { createCodec } from "./codec.ts";
import { builtInCompressorNames } from "./compressors/built-in.ts";

// The cast: the list is typed by what it is read with.
const names = builtInCompressorNames as readonly CompressorName[];
const synchronous = ["zlib", "gzip", "brotli", "lz4"] as const;

const rows = (count: number): unknown[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    name: `user ${(id * 7919) % 997}`,
    at: id * 1000,
  }));

const longText = JSON.stringify(rows(30_000));

/** Bytes that no compressor makes smaller, the same in every run. */
function noise(length: number): Buffer {
  let state = 1;
  return Buffer.from(
    Uint8Array.from({ length }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state >> 8;
    }),
  );
}

describe.each(names)("%s", (compressor) => {
  const codec = createCodec({ compressor });

  test.each([
    ["some KB of text", rows(100)],
    ["some MB of text", longText],
    ["some KB of bytes", Buffer.alloc(5000, "cachewell")],
    ["some MB of bytes", Buffer.alloc(3_000_000, "cachewell")],
    ["MessagePack", new Map([["rows", rows(100)]])],
    ["MessagePack with tags", [-0, ...rows(100)]],
    ["a long number", 10n ** 5000n],
  ])("makes %s smaller and gives it back", async (_, value) => {
    const stored = await codec.encode(value);
    const plain = await createCodec().encode(value);
    expect(stored).toBeInstanceOf(Uint8Array);
    expect(stored.length).toBeLessThan(plain.length);
    assertSameValue(await codec.decode(stored), value);
  });

  test("leaves small values as they are", async () => {
    expect(await codec.encode({ a: 1 })).toBe('{"a":1}');
  });

  test("leaves what would not get smaller as it is", async () => {
    const value = noise(5000);
    expect(await codec.encode(value)).toStrictEqual(await createCodec().encode(value));
  });

  test("is read by a cache that compresses otherwise, or not at all", async () => {
    const stored = await codec.encode(rows(100));
    const readers = [createCodec(), createCodec({ compressor: "gzip", serializer: "json" })];
    const read = await Promise.all(readers.map(async (reader) => reader.decode(stored)));
    expect(read).toStrictEqual([rows(100), rows(100)]);
  });

  test("makes equal bytes of equal values", async () => {
    const again = createCodec({ compressor });
    expect(await codec.encode(rows(200))).toStrictEqual(await again.encode(rows(200)));
  });

  test.each([
    ["small", 2 * 1024 * 1024],
    ["large", 32 * 1024 * 1024],
  ])("stops a %s bomb", async (_, bombBytes) => {
    const bomb = await codec.encode(Buffer.alloc(bombBytes));
    const reader = createCodec({ maxValueBytes: 1024 * 1024 });
    expect(bomb.length).toBeLessThan(300_000);
    await expect(settled(() => reader.decode(bomb))).rejects.toThrow(ValueTooLargeError);
  });

  test("refuses what is cut short", async () => {
    const stored = Buffer.from(await codec.encode(rows(100)));
    const cuts = [6, 10, 40, Math.floor(stored.length / 2), stored.length - 1];
    const read = cuts.map((cut) => settled(() => codec.decode(stored.subarray(0, cut))));
    for (const result of await Promise.allSettled(read)) {
      expect(result).toMatchObject({ status: "rejected", reason: expect.any(DecodeError) });
    }
  });

  test("refuses what is something else", async () => {
    const stored = Buffer.from(await codec.encode(rows(100)));
    noise(stored.length - 5).copy(stored, 5);
    await expect(settled(() => codec.decode(stored))).rejects.toThrow(
      /compression is damaged|bytes, more/,
    );
  });

  test("holds the limit before it compresses", () => {
    const small = createCodec({ compressor, maxValueBytes: 2000 });
    expect(() => small.encode("a".repeat(3000))).toThrow(ValueTooLargeError);
  });
});

test.each(synchronous)(
  "%s is at once with small values, and not with large ones",
  async (compressor) => {
    const codec = createCodec({ compressor });
    const small = codec.encode(rows(100));
    expect(small).toBeInstanceOf(Uint8Array);
    expect(codec.decode(small as Uint8Array)).toStrictEqual(rows(100));

    const large = codec.encode(longText);
    expect(large).toBeInstanceOf(Promise);
    const back = codec.decode(await large);
    expect(back).toBeInstanceOf(Promise);
    expect(await back).toBe(longText);
  },
);

test("gzip names neither time nor system, and any gunzip reads it", () => {
  const stored = createCodec({ compressor: "gzip" }).encode("a".repeat(2000)) as Buffer;
  expect(stored.subarray(5, 15).toString("hex")).toBe("1f8b08000000000000ff");
  expect(gunzipSync(stored.subarray(5)).toString()).toBe(JSON.stringify("a".repeat(2000)));
});

describe("a custom compressor", () => {
  const halves: Compressor = {
    name: "halves",
    compress: (bytes) => bytes.subarray(0, bytes.length / 2),
    decompress: (bytes) => Buffer.concat([bytes, bytes]),
  };
  const later: Compressor = {
    name: "later",
    compress: async (bytes) => halves.compress(bytes),
    decompress: async (bytes) => halves.decompress(bytes, 0),
  };
  const value = 1234n * 10n ** 30n + 1234n;
  const doubled = BigInt("7".repeat(40));

  test.each([halves, later])("is named beside the value: $name", async (compressor) => {
    const codec = createCodec({ compressor, compressMinBytes: 0 });
    const stored = await codec.encode(doubled);
    expect(Buffer.from(stored).subarray(0, 5).toString("hex")).toBe("c1010001ff");
    expect(await codec.decode(stored)).toBe(doubled);
    await expect(settled(() => createCodec().decode(stored))).rejects.toThrow(
      `compressed with "${compressor.name}"`,
    );
  });

  const cause = new Error("inner");
  const throwing = (): never => {
    throw cause;
  };
  const rejecting = (): Promise<never> => Promise.reject(cause);

  test.each([throwing, rejecting])("that fails is an error with its cause: %o", async (fail) => {
    const broken = createCodec({
      compressor: { name: "halves", compress: fail, decompress: fail },
      compressMinBytes: 0,
    });
    const stored = await createCodec({ compressor: halves, compressMinBytes: 0 }).encode(doubled);
    await expect(settled(() => broken.encode(value))).rejects.toMatchObject({
      code: "ENCODE",
      cause,
    });
    await expect(settled(() => broken.decode(stored))).rejects.toMatchObject({
      code: "DECODE",
      cause,
    });
  });

  test("that makes no bytes is an error", async () => {
    // The cast: this is what JavaScript could do.
    const text = (() => "text") as unknown as Compressor["compress"];
    const broken = createCodec({
      compressor: { name: "halves", compress: text, decompress: text },
      compressMinBytes: 0,
    });
    const stored = await createCodec({ compressor: halves, compressMinBytes: 0 }).encode(doubled);
    await expect(settled(() => broken.encode(value))).rejects.toThrow(EncodeError);
    await expect(settled(() => broken.decode(stored))).rejects.toThrow(DecodeError);
  });

  test("that makes more than it may is stopped all the same", async () => {
    const stored = await createCodec({ compressor: halves, compressMinBytes: 0 }).encode(doubled);
    const reader = createCodec({ compressor: halves, maxValueBytes: 39 });
    await expect(settled(() => reader.decode(stored))).rejects.toThrow(ValueTooLargeError);
  });
});

/** Runs `work`, which may throw at once or reject later. */
async function settled(work: () => unknown): Promise<unknown> {
  return work();
}
