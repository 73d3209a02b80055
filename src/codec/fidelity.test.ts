// oxlint-disable vitest/expect-expect -- assertSameValue is the assertion
import vm from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { assertSameValue, fidelityValues } from "../../test/contracts/fidelity-values.ts";
import { createCodec } from "./codec.ts";
import type { CodecOptions } from "./codec-options.ts";

const codecs: Readonly<Record<string, CodecOptions>> = {
  auto: {},
  msgpack: { serializer: "msgpack" },
  "auto, compressed": { compressor: "zlib", compressMinBytes: 0 },
};

describe.each(Object.entries(codecs))("with %s, what is set is what is got", (_, options) => {
  const codec = createCodec(options);

  test.each(fidelityValues)("$name", async ({ make }) => {
    const value = make();
    const stored = await codec.encode(value);
    assertSameValue(await codec.decode(stored), make());
    assertSameValue(await codec.decode(Buffer.from(stored)), make());
    assertSameValue(value, make());
  });
});

describe("the serializer auto", () => {
  const codec = createCodec();

  test.each(fidelityValues.filter((value) => value.storedAsJson))(
    "stores $name as JSON text that any reader reads alike",
    async ({ make }) => {
      const stored = await codec.encode(make());
      expect(stored).toBeTypeOf("string");
      assertSameValue(JSON.parse(String(stored)), make());
    },
  );

  test.each(fidelityValues.filter((value) => !value.storedAsJson))(
    "does not store $name as JSON text",
    async ({ make }) => {
      const stored = await codec.encode(make());
      expect(typeof stored === "string" && !/^-?\d{16,}$/.test(stored)).toBe(false);
    },
  );

  test("stores values of another realm as values of this one", async () => {
    const make =
      "({ plain: { a: [1] }, more: [new Date(1), new Map([[1, new Set([-0])]]), /x/g] })";
    const foreign: unknown = vm.runInNewContext(make);
    const own: unknown = vm.runInThisContext(make);
    assertSameValue(await codec.decode(await codec.encode(foreign)), own);
  });

  test("stores plain values of another realm as JSON text", () => {
    expect(codec.encode(vm.runInNewContext('({ a: [1, { b: "c" }] })'))).toBe(
      '{"a":[1,{"b":"c"}]}',
    );
  });

  test("stores errors of another realm as errors of this one", async () => {
    const foreign: unknown = vm.runInNewContext("new RangeError('far')");
    const back: unknown = await codec.decode(await codec.encode(foreign));
    expect(back).toBeInstanceOf(RangeError);
    expect(back).toHaveProperty("message", "far");
  });
});

test("one value with names that msgpackr uses itself does not harm the next value", async () => {
  const codec = createCodec();
  await codec.encode([{ a: 1, __keys__: new Date(1) }]);
  const next = [{ a: new Date(2) }];
  assertSameValue(await codec.decode(await codec.encode(next)), [{ a: new Date(2) }]);
});

test("what is got shares no memory with what is stored", async () => {
  const codec = createCodec();
  const value = {
    buffer: Buffer.from("abc"),
    view: new Uint8Array([1, 2]),
    data: new ArrayBuffer(3),
  };
  const stored = Buffer.from(await codec.encode(value));
  const back = await codec.decode(stored);
  stored.fill(0);
  assertSameValue(back, value);
});

test("what is stored shares no memory with what is set", async () => {
  const codec = createCodec();
  const value = [Buffer.from("abc"), new Uint16Array([7])] as const;
  const stored = await codec.encode(value);
  value[0].fill(0);
  value[1].fill(0);
  assertSameValue(await codec.decode(stored), [Buffer.from("abc"), new Uint16Array([7])]);
});

test("a value stays as it was stored while others are stored", async () => {
  const codec = createCodec({ serializer: "msgpack" });
  const make = (): unknown[] => Array.from({ length: 200 }, (_, index) => ["é".repeat(index)]);
  const stored = await Promise.all(make().map(async (value) => codec.encode(value)));
  const back = await Promise.all(stored.map(async (bytes) => codec.decode(bytes)));
  assertSameValue(back, make());
});

const anyText = fc.string({ unit: fc.nat(0xffff).map((unit) => String.fromCharCode(unit)) });
const anyNumber = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constant(-0));
const anyLeaf = fc.oneof(
  anyText,
  anyNumber,
  fc.bigInt(),
  fc.boolean(),
  fc.constantFrom(null, undefined),
  fc.date({ noInvalidDate: false }),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  fc.uint8Array(),
  fc.float64Array(),
  fc.int32Array(),
  anyText.map((message) => new TypeError(message)),
);

const { anyValue } = fc.letrec((tie) => ({
  anyValue: fc.oneof(
    { depthSize: "small" },
    anyLeaf,
    tie("anyList"),
    tie("anyRecord"),
    tie("anyMap"),
    tie("anySet"),
  ),
  anyList: fc.oneof(fc.array(tie("anyValue")), fc.sparseArray(tie("anyValue"), { maxLength: 20 })),
  anyRecord: fc.dictionary(
    fc.oneof(anyText, fc.constantFrom("__proto__", "__keys__", "a", "b")),
    tie("anyValue"),
    {
      noNullPrototype: true,
    },
  ),
  anyMap: fc.array(fc.tuple(tie("anyValue"), tie("anyValue"))).map((entries) => new Map(entries)),
  anySet: fc.array(tie("anyValue")).map((members) => new Set(members)),
}));

describe("whatever the value", () => {
  test.each(Object.entries(codecs))("%s gives it back", async (_, options) => {
    const codec = createCodec(options);
    const property = fc.asyncProperty(anyValue, async (value) => {
      fc.pre(value !== undefined);
      const stored = await codec.encode(value);
      assertSameValue(await codec.decode(stored), value);
    });
    await fc.assert(property, { numRuns: 200 });
  });

  test("text that is JSON gives the same value to every reader of JSON", async () => {
    const codec = createCodec();
    const property = fc.asyncProperty(fc.oneof(anyValue, fc.jsonValue()), async (value) => {
      fc.pre(value !== undefined);
      const stored = await codec.encode(value);
      if (typeof stored !== "string" || typeof value === "bigint") return;
      assertSameValue(JSON.parse(stored), value);
    });
    await fc.assert(property, { numRuns: 200 });
  });
});
