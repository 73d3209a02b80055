import { describe, expect, test } from "vitest";
import { DecodeError, EncodeError, ValueTooLargeError } from "../contracts/errors.ts";
import type { Serializer } from "../contracts/serializer.ts";
import { createCodec } from "./codec.ts";
import type { CodecOptions } from "./codec-options.ts";

const reversing: Serializer = {
  name: "reversing",
  encode: (value) => JSON.stringify(value).split("").toReversed().join(""),
  decode: (bytes) => JSON.parse(Buffer.from(bytes).toString().split("").toReversed().join("")),
};

const counting: readonly CodecOptions[] = [
  {},
  { serializer: "json" },
  { serializer: "msgpack" },
  { serializer: reversing },
];

describe.each(counting)("with %o", (options) => {
  const codec = createCodec(options);

  test.each([
    [0, "0"],
    [-7, "-7"],
    [Number.MAX_SAFE_INTEGER, "9007199254740991"],
    [9007199254740992n, "9007199254740992"],
    [-9007199254740992n, "-9007199254740992"],
    [2n ** 64n, "18446744073709551616"],
  ])("the integer %s is stored in decimals", (value, stored) => {
    expect(codec.encode(value)).toBe(stored);
    expect(codec.decode(stored)).toBe(value);
    expect(codec.decode(Buffer.from(stored))).toBe(value);
  });

  test.each([1.5, 2 ** 60, -(2 ** 53), 1e300])("the number %s comes back as a number", (value) => {
    expect(codec.decode(atOnce(codec.encode(value)))).toBe(value);
  });
});

describe("text without a header", () => {
  const codec = createCodec();

  test.each([
    ["1.5", 1.5],
    ["1e+21", 1e21],
    ["-0", -0],
    ["-12", -12],
    ["9007199254740993", 9007199254740993n],
    ["true", true],
    ["null", null],
    ['"text"', "text"],
    ["[1,2]", [1, 2]],
  ])("%s is read as what it says", (stored, value) => {
    expect(codec.decode(stored)).toStrictEqual(value);
    expect(codec.decode(Buffer.from(stored))).toStrictEqual(value);
  });

  test.each(["", "hello", " 1", "007", "-", "1x", "{", '{"a":1', "nul", "NaN", "'a'", "\u00C1"])(
    "%j was written by something else",
    (stored) => {
      expect(() => codec.decode(stored)).toThrow(DecodeError);
      expect(() => codec.decode(Buffer.from(stored))).toThrow(DecodeError);
    },
  );

  test.each([
    [[0xff, 0x00]],
    [[0x80, 0x05, 0x95]],
    [[0x22, 0xff, 0x22]],
    [[0x00]],
    [[0xff, 0xfe, 0x31]],
  ])("the bytes %j were written by something else", (bytes) => {
    expect(() => codec.decode(Buffer.from(bytes))).toThrow(DecodeError);
  });

  test("a number of a million digits is refused instead of worked on", () => {
    expect(() => codec.decode("9".repeat(1_000_000))).toThrow(DecodeError);
  });

  test("a BigInt too long for decimals is stored another way", () => {
    const value = 10n ** 110_000n;
    expect(codec.encode(value)).toBeInstanceOf(Uint8Array);
    expect(codec.decode(atOnce(codec.encode(value)))).toBe(value);
  });

  test("a BigInt of a hundred thousand digits is stored in decimals", () => {
    const value = 10n ** 99_990n;
    expect(codec.encode(value)).toBe(String(value));
    expect(codec.decode(String(value))).toBe(value);
  });
});

describe("json", () => {
  const codec = createCodec({ serializer: "json" });

  test("stores what JavaScript makes of a value", () => {
    const value = {
      date: new Date(0),
      nan: NaN,
      gone: undefined,
      zero: -0,
    };
    expect(codec.encode(value)).toBe('{"date":"1970-01-01T00:00:00.000Z","nan":null,"zero":0}');
  });

  test("stores an unsafe integer so that it stays a number", () => {
    expect(codec.encode(2 ** 60)).toBe("1.152921504606847e+18");
    expect(codec.encode({ toJSON: () => 2 ** 60 })).toBe("1.152921504606847e+18");
  });

  test.each([
    [() => 1, "$", /function/],
    [Symbol("secret"), "$", /symbol/],
    [5n, "$", /BigInt/],
    [{ a: [1, { b: 5n }] }, "$.a[1].b", /BigInt/],
    [new Map([[1, 2]]), "$", /an instance of Map/],
    [
      {
        a: [
          1,
          new (class User {
            name = 1;
          })(),
        ],
      },
      "$.a[1]",
      /an instance of User/,
    ],
  ])("refuses %o", (value, path, reason) => {
    const error = failureOf(() => codec.encode(value));
    expect(error).toBeInstanceOf(EncodeError);
    expect(error).toMatchObject({ path, message: expect.stringMatching(reason) });
  });

  test("refuses a cycle and says where", () => {
    const loop: Record<string, unknown> = { list: [] };
    loop["list"] = [1, loop];
    expect(failureOf(() => codec.encode(loop))).toMatchObject({ path: "$.list[1]" });
  });
});

describe("msgpack", () => {
  test.each([null, true, "text", 1.5, [], {}, 5n])("puts a header before %o", (value) => {
    const stored = createCodec({ serializer: "msgpack" }).encode(value);
    expect(stored).toBeInstanceOf(Uint8Array);
    expect(Buffer.from(atOnce(stored)).subarray(0, 5).toString("hex")).toBe("c101000200");
  });
});

describe("raw", () => {
  const codec = createCodec({ serializer: "raw" });

  test("stores text as it is and gives back its bytes", () => {
    expect(codec.encode("42 ö")).toBe("42 ö");
    expect(codec.decode("42 ö")).toStrictEqual(Buffer.from("42 ö"));
  });

  test("stores bytes as they are and gives them back as a Buffer", () => {
    const bytes = new Uint8Array([0xc1, 0, 255]);
    expect(codec.encode(bytes)).toStrictEqual(Buffer.from(bytes));
    expect(codec.decode(bytes)).toStrictEqual(Buffer.from(bytes));
  });

  test("shares no memory with either side", () => {
    const bytes = Buffer.from("abc");
    const stored = codec.encode(bytes);
    const back = codec.decode(bytes);
    bytes.fill(0);
    expect(stored).toStrictEqual(Buffer.from("abc"));
    expect(back).toStrictEqual(Buffer.from("abc"));
  });

  test.each([1, 5n, null, undefined, true, {}, [1], new Uint16Array(1), new ArrayBuffer(1)])(
    "refuses %o",
    (value) => {
      expect(() => codec.encode(value)).toThrow(EncodeError);
    },
  );

  test("keeps to the size limit both ways", () => {
    const small = createCodec({ serializer: "raw", maxValueBytes: 4 });
    expect(small.encode("four")).toBe("four");
    expect(() => small.encode("fünf")).toThrow(ValueTooLargeError);
    expect(() => small.decode(Buffer.alloc(5))).toThrow(ValueTooLargeError);
  });
});

describe("a custom serializer", () => {
  test("is named beside the value", async () => {
    const codec = createCodec({ serializer: reversing });
    const stored = atOnce(await codec.encode({ a: 1 }));
    expect(Buffer.from(stored).toString("latin1")).toBe('\u00C1\x01\0\u00FF\0\treversing}1:"a"{');
    expect(codec.decode(stored)).toStrictEqual({ a: 1 });
  });

  test("may write bytes of its own", async () => {
    const memory = Buffer.from([9, 1, 2, 9]);
    const codec = createCodec({
      serializer: {
        name: "bytes",
        encode: () => memory.subarray(1, 3),
        decode: (bytes) => bytes[1],
      },
    });
    const stored = atOnce(await codec.encode("x"));
    memory.fill(0);
    expect(codec.decode(stored)).toBe(2);
  });

  test("reads what the library's serializers wrote", async () => {
    const reader = createCodec({ serializer: reversing });
    const value = { at: new Date(7), zero: -0 };
    expect(reader.decode(atOnce(createCodec().encode(value)))).toStrictEqual(value);
    expect(reader.decode('{"a":1}')).toStrictEqual({ a: 1 });
  });

  test("is missed by name where it is not there", () => {
    const stored = atOnce(createCodec({ serializer: reversing }).encode({ a: 1 }));
    expect(() => createCodec().decode(stored)).toThrow(/written by "reversing"/);
    const other = createCodec({ serializer: { ...reversing, name: "other" } });
    expect(() => other.decode(stored)).toThrow(DecodeError);
  });

  test("that throws is an error with its cause", () => {
    const cause = new Error("inner");
    const fail = (): never => {
      throw cause;
    };
    const codec = createCodec({ serializer: { name: "broken", encode: fail, decode: fail } });
    expect(failureOf(() => codec.encode("x"))).toMatchObject({ code: "ENCODE", path: "$", cause });
    const stored = atOnce(
      createCodec({ serializer: { ...reversing, name: "broken" } }).encode("x"),
    );
    expect(failureOf(() => codec.decode(stored))).toMatchObject({ code: "DECODE", cause });
  });

  test.each([undefined, null, 5, {}, [1], new Uint16Array(2), Promise.resolve("x")])(
    "that makes %o of a value is an EncodeError",
    (result) => {
      // The cast: this is what JavaScript could do.
      const encode = (() => result) as Serializer["encode"];
      const codec = createCodec({ serializer: { ...reversing, encode } });
      expect(() => codec.encode("x")).toThrow(EncodeError);
    },
  );
});

describe("a value is read by whatever serializer of the library is set", () => {
  const names = ["auto", "json", "msgpack"] as const;
  const values = [1, 2n ** 70n, "text", { a: [1.5, null] }];

  test.each(names.flatMap((writer) => names.map((reader) => [writer, reader] as const)))(
    "%s → %s",
    (writer, reader) => {
      const stored = values.map((value) => createCodec({ serializer: writer }).encode(value));
      const codec = createCodec({ serializer: reader });
      expect(stored.map((form) => codec.decode(atOnce(form)))).toStrictEqual(values);
    },
  );
});

describe("the size limit", () => {
  const codec = createCodec({ maxValueBytes: 100 });

  test("counts bytes, not characters", () => {
    expect(codec.encode("a".repeat(98))).toHaveLength(100);
    expect(failureOf(() => codec.encode("é".repeat(60)))).toMatchObject({
      code: "VALUE_TOO_LARGE",
      maxBytes: 100,
      sizeBytes: 122,
    });
  });

  test("lets a value in only if it lets it out again", () => {
    const fits = Buffer.alloc(93);
    expect(codec.decode(atOnce(codec.encode(fits)))).toStrictEqual(fits);
    expect(() => codec.encode(Buffer.alloc(94))).toThrow(ValueTooLargeError);
  });

  test("holds for what is read", () => {
    expect(() => codec.decode(`"${"a".repeat(99)}"`)).toThrow(ValueTooLargeError);
    expect(() => codec.decode(Buffer.alloc(101, "1"))).toThrow(ValueTooLargeError);
  });
});

test("nothing is asynchronous without need", () => {
  const codec = createCodec();
  expect(codec.encode({ a: 1 })).toBe('{"a":1}');
  expect(codec.decode(Buffer.from('{"a":1}'))).toStrictEqual({ a: 1 });
  expect(codec.decode(atOnce(codec.encode(new Date(1))))).toStrictEqual(new Date(1));
});

/** What was encoded, which is no promise where nothing is compressed. */
function atOnce<T>(stored: T | Promise<T>): T {
  if (stored instanceof Promise) throw new TypeError("a promise where none is needed");
  return stored;
}

function failureOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

test.each(["auto", "json", "msgpack"] as const)(
  "%s stores undefined itself, which a negativeTtl remembers",
  async (serializer) => {
    const codec = createCodec({ serializer });
    expect(await codec.decode(await codec.encode(undefined))).toBeUndefined();
  },
);
