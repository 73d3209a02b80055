import assert from "node:assert/strict";
import { types } from "node:util";

/** A value that a cache must return as it was set. */
export interface FidelityValue {
  readonly name: string;

  /** Returns a new copy of the value on each call. */
  readonly make: () => unknown;

  /** Whether the serializer `"auto"` stores it as text that `JSON.parse` turns into the same value. */
  readonly storedAsJson: boolean;
}

const jsonValues: Readonly<Record<string, () => unknown>> = {
  null: () => null,
  true: () => true,
  false: () => false,
  zero: () => 0,
  "negative zero": () => -0,
  "a small integer": () => 42,
  "a negative integer": () => -42,
  "the largest safe integer": () => Number.MAX_SAFE_INTEGER,
  "the smallest safe integer": () => Number.MIN_SAFE_INTEGER,
  "an unsafe integer": () => 2 ** 60,
  "a negative unsafe integer": () => -(2 ** 53),
  "a huge number": () => 1e21,
  "the largest number": () => Number.MAX_VALUE,
  "the smallest number": () => Number.MIN_VALUE,
  "a fraction": () => 0.1 + 0.2,
  "an empty string": () => "",
  "a string": () => "hello",
  "a string that looks like a number": () => "42",
  "a string that looks like JSON": () => '{"a":1}',
  "a string beyond ASCII": () => "Søren 日本語 🦊",
  "a string with control characters": () => "\0\u0001\n\r\t\u2028\uFEFF",
  "a string that begins like our header": () => "\u00C1\u0001",
  "a lone surrogate": () => "\uD800",
  "a long string": () => "x".repeat(5000),
  "an empty array": () => [],
  "an array": () => [1, "two", null, false],
  "nested arrays": () => [[], [[]], [[1], [2, [3]]]],
  "an array of lone surrogates": () => ["\uDC00\uD800"],
  "an empty object": () => ({}),
  "an object": () => ({ id: 7, name: "Ada", tags: ["x"], owner: null, ok: true, share: 1.5 }),
  "an object with numeric names": () => ({ b: 1, 2: "two", 1: "one" }),
  "an object with an empty name": () => ({ "": 0 }),
  "an own __proto__ name": () => JSON.parse('{"__proto__":{"polluted":true},"a":1}'),
  "names of Object.prototype": () => ({
    constructor: 1,
    toString: 2,
    hasOwnProperty: 3,
    toJSON: 4,
  }),
  "names that msgpackr uses itself": () => ({ __keys__: 1, a: 1 }),
  "a name with a lone surrogate": () => ({ "\uD83E": 1 }),
  "an object without a prototype": () => Object.assign(Object.create(null), { a: 1 }),
  "a getter": () => ({
    get answer() {
      return 42;
    },
  }),
  "an object of many names": () => Object.fromEntries(numbered(300).map((n) => [`name ${n}`, n])),
  "rows of one shape": () => numbered(200).map((id) => ({ id, name: `row ${id}` })),
  "deep nesting": () => nest(499, 1),
};

const otherValues: Readonly<Record<string, () => unknown>> = {
  NaN: () => NaN,
  Infinity: () => Infinity,
  "negative infinity": () => -Infinity,
  "a small BigInt": () => 5n,
  "BigInt zero": () => 0n,
  "a BigInt just beyond the safe integers": () => 2n ** 53n,
  "a negative BigInt beyond the safe integers": () => -(2n ** 53n),
  "a BigInt of 64 bits": () => 2n ** 64n - 1n,
  "a BigInt of 300 bits": () => -(3n ** 200n),
  "a BigInt inside an object": () => ({ small: -1n, large: 2n ** 80n, largest: -(2n ** 90n) }),
  "numbers JSON has no form for": () => [-0, NaN, Infinity, -Infinity],
  "numbers beyond 32 bits": () => [2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53 - 1, new Date(0)],
  "undefined in an object": () => ({ a: undefined, b: 1 }),
  "undefined in an array": () => [undefined, 1, undefined],
  "a Date": () => new Date("2026-11-20T12:34:56.789Z"),
  "the Date at the epoch": () => new Date(0),
  "a Date before the epoch": () => new Date(-1),
  "the first Date": () => new Date(-8.64e15),
  "the last Date": () => new Date(8.64e15),
  "an invalid Date": () => new Date(NaN),
  "a RegExp": () => /a(?<year>\d+)\/[^/]/giu,
  "a RegExp with a lone surrogate": () => new RegExp("\uD800"),
  "an empty Map": () => new Map(),
  "a Map": () =>
    new Map<unknown, unknown>([
      ["b", 1],
      ["a", [2]],
      [3, null],
      [null, 3],
      [NaN, -0],
    ]),
  "a Map with objects for keys": () =>
    new Map<unknown, unknown>([
      [{ a: -0 }, "x"],
      [[1], new Map()],
    ]),
  "an empty Set": () => new Set(),
  "a Set": () => new Set([3, "three", null, undefined, NaN, "\uD800", [1]]),
  "a Buffer": () => Buffer.from([0, 1, 0xc1, 255]),
  "an empty Buffer": () => Buffer.alloc(0),
  "a Buffer of 100 KB": () => Buffer.alloc(100_000, "cachewell"),
  "a Buffer that is part of another": () => Buffer.from("abcdefgh").subarray(2, 5),
  "an Int8Array": () => new Int8Array([-128, 0, 127]),
  "a Uint8Array": () => new Uint8Array([0, 128, 255]),
  "a Uint8ClampedArray": () => new Uint8ClampedArray([0, 255]),
  "an Int16Array": () => new Int16Array([-32_768, 32_767]),
  "a Uint16Array": () => new Uint16Array([0, 65_535]),
  "an Int32Array": () => new Int32Array([-(2 ** 31), 2 ** 31 - 1]),
  "a Uint32Array": () => new Uint32Array([0, 2 ** 32 - 1]),
  "a Float32Array": () => new Float32Array([0.5, -0, Infinity]),
  "a Float64Array": () => new Float64Array([0.1, -0, NaN]),
  "a BigInt64Array": () => new BigInt64Array([-(2n ** 63n), 1n]),
  "a BigUint64Array": () => new BigUint64Array([2n ** 64n - 1n]),
  "a typed array that is part of another": () => new Uint16Array([1, 2, 3, 4]).subarray(1, 3),
  "an ArrayBuffer": () => new Uint8Array([1, 2, 3]).buffer,
  "a DataView": () => new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2),
  "an array with holes": () => makeSparse(5, { 1: "one", 3: -0 }),
  "an array that is one long hole": () => makeSparse(100_000, {}),
  "a sparse array": () => makeSparse(4_294_967_295, { 5: "five", 4_000_000_000: -0 }),
  "an array with properties of its own": () => Object.assign([1, 2], { index: 3, input: "\uD800" }),
  "an array with a hole and a property": () => makeSparse(3, { 0: 1, 2: 3, extra: 1 }),
  "an array that begins like a tag": () => ["\0", "-0", undefined],
  "an array that begins like a tag, in a tag": () => [["\0", ["\0"]], -0],
  "a nested negative zero": () => ({ a: [-0, { b: -0 }] }),
  "an own __proto__ name beside a Date": () => [JSON.parse('{"__proto__":{"a":1}}'), new Date(1)],
  "a lone surrogate beside a Date": () => ["\uDFFF", { "\uD800": new Date(1) }],
  "names that msgpackr uses itself beside a Date": () => ({ __keys__: new Date(1), a: 1 }),
  "names of Object.prototype beside a Date": () => ({ constructor: 1, toJSON: 2, a: new Date(1) }),
  "many names beside a Date": () =>
    Object.fromEntries(numbered(300).map((n) => [`name ${n}`, new Date(n)])),
  "objects of 100 shapes": () => numbered(100).map((n) => ({ [`name ${n}`]: new Date(n), n })),
  "strings of every length": () => [new Date(1), ...numbered(70).map((n) => "é".repeat(n))],
  "an Error": () => thrown(new Error("broken")),
  "an Error without a message": () => thrown(new Error()),
  "an EvalError": () => thrown(new EvalError("broken")),
  "a RangeError": () => thrown(new RangeError("broken")),
  "a ReferenceError": () => thrown(new ReferenceError("broken")),
  "a SyntaxError": () => thrown(new SyntaxError("broken")),
  "a TypeError": () => thrown(new TypeError("broken")),
  "a URIError": () => thrown(new URIError("broken")),
  "an Error with a cause": () =>
    thrown(new Error("outer", { cause: thrown(new RangeError("in")) })),
  "an Error whose cause is undefined": () => thrown(new Error("outer", { cause: undefined })),
  "an Error with fields": () =>
    thrown(Object.assign(new Error("gone"), { code: "ENOENT", errno: -2 })),
  "an Error with a name of its own": () => thrown(Object.assign(new Error("x"), { name: "Mine" })),
  "an Error without a stack": () => withoutStack(new Error("bare")),
  "an AggregateError": () =>
    thrown(new AggregateError([thrown(new Error("a")), -0, "b"], "several")),
  "an Error in a Map": () => new Map([["failure", thrown(new Error("inside"))]]),
};

/** One value of every kind that a cache returns unchanged. */
export const fidelityValues: readonly FidelityValue[] = [
  ...Object.entries(jsonValues).map(([name, make]) => ({ name, make, storedAsJson: true })),
  ...Object.entries(otherValues).map(([name, make]) => ({ name, make, storedAsJson: false })),
];

/**
 * Throws an `AssertionError` unless the values are equal in class, order, holes, names, bytes and
 * signs of zero. They must be distinct objects that share no part.
 *
 * An object without a prototype equals an ordinary one.
 */
export function assertSameValue(actual: unknown, expected: unknown, path = "$"): void {
  if (!isObject(actual) || !isObject(expected)) {
    assert.ok(Object.is(actual, expected), `${path} differs: ${typeof actual}, ${typeof expected}`);
    return;
  }
  assert.notEqual(actual, expected, `${path} is the very same object`);
  assert.equal(prototypeOf(actual), prototypeOf(expected), `${path} has another prototype`);
  assertSameContents(actual, expected, path);
}

function assertSameContents(actual: object, expected: object, path: string): void {
  if (ArrayBuffer.isView(expected)) return assertSameBytes(actual, expected, path);
  if (types.isArrayBuffer(expected)) return assertSameBytes(actual, expected, path);
  if (types.isDate(expected)) {
    assertSameValue(Number(actual), Number(expected), `${path} as a time`);
  }
  if (types.isRegExp(expected)) {
    assert.ok(types.isRegExp(actual));
    assertSameValue(actual.source, expected.source, `${path} as a pattern`);
    assertSameValue(actual.flags, expected.flags, `${path} as flags`);
  }
  if (types.isMap(expected) || types.isSet(expected)) {
    assertSameValue(membersOf(actual), membersOf(expected), `${path} as a list`);
  }
  assert.equal(types.isNativeError(actual), types.isNativeError(expected), `${path}: an error?`);
  assertSameFields(actual, expected, path);
}

function assertSameFields(actual: object, expected: object, path: string): void {
  assert.deepEqual(fieldNamesOf(actual), fieldNamesOf(expected), `${path} has other names`);
  for (const name of Object.getOwnPropertyNames(expected)) {
    const step = `${path}[${JSON.stringify(name)}]`;
    assertSameValue(Reflect.get(actual, name), Reflect.get(expected, name), step);
  }
}

/** The property names in order, then the hidden (non-enumerable) ones in any order. */
function fieldNamesOf(value: object): { visible: string[]; hidden: string[] } {
  const visible = Object.keys(value);
  const hidden = Object.getOwnPropertyNames(value).filter((name) => !visible.includes(name));
  return { visible, hidden: hidden.toSorted() };
}

function assertSameBytes(actual: unknown, expected: Bytes, path: string): void {
  assert.ok(ArrayBuffer.isView(actual) || types.isArrayBuffer(actual), `${path} is not bytes`);
  assert.equal(Buffer.compare(bytesOf(actual), bytesOf(expected)), 0, `${path} has other bytes`);
  assert.ok(!overlap(bytesOf(actual), bytesOf(expected)), `${path} shares its memory`);
}

type Bytes = ArrayBufferView | ArrayBufferLike;

function bytesOf(value: Bytes): Buffer {
  return ArrayBuffer.isView(value)
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : Buffer.from(value);
}

/** Whether two views share a byte. Small Buffers share a pool, so comparing `buffer` is not enough. */
function overlap(one: Buffer, other: Buffer): boolean {
  if (one.buffer !== other.buffer) return false;
  const start = Math.max(one.byteOffset, other.byteOffset);
  return start < Math.min(one.byteOffset + one.length, other.byteOffset + other.length);
}

function membersOf(value: object): unknown[] {
  if (types.isMap(value)) return [...value];
  assert.ok(types.isSet(value));
  return [...value];
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function prototypeOf(value: object): unknown {
  return Object.getPrototypeOf(value) ?? Object.prototype;
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function nest(levels: number, value: unknown): unknown {
  return levels === 0 ? value : [nest(levels - 1, value)];
}

function makeSparse(length: number, items: Readonly<Record<string, unknown>>): unknown[] {
  const array: unknown[] = [];
  Object.assign(array, items);
  array.length = length;
  return array;
}

/** Gives the error the same stack on every call and every machine. */
function thrown(error: Error): Error {
  error.stack = `${error.name}: ${error.message}\n    at somewhere (file.js:1:2)`;
  return error;
}

function withoutStack(error: Error): Error {
  delete error.stack;
  return error;
}
