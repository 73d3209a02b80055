import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { argumentKey } from "./argument-key.ts";

const names = fc.oneof(fc.constantFrom("a", "b", "a:b", "", "n"), fc.string({ maxLength: 4 }));

/** Values that resemble one another: what a careless text would mix up. */
const leaves = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, false, 0, -0, 1, Number.NaN, "", "1", "null"),
  fc.constantFrom<unknown>(1n, "1n", "a", 'a"', "a,b", '","', "[]", "{}", "date:1", "set:{}"),
  fc.integer(),
  fc.bigInt(),
  fc.double(),
  fc.string({ maxLength: 5 }),
  fc.date(),
  fc.uint8Array({ maxLength: 3 }),
);

const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leaves,
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(names, tie("value"), { maxKeys: 3, noNullPrototype: true }),
    fc.array(fc.string({ maxLength: 2 }), { maxLength: 3 }).map((items) => new Set(items)),
    fc.array(fc.tuple(names, tie("value")), { maxLength: 3 }).map((pairs) => new Map(pairs)),
  ),
}));

const argumentLists = fc.array(values, { maxLength: 3 });

describe("argument key", () => {
  test("different arguments give different keys, equal ones equal keys", () => {
    const injective = fc.property(argumentLists, argumentLists, (one, other) => {
      const isSameKey = argumentKey("f", one) === argumentKey("f", other);
      expect(isSameKey).toBe(isDeepStrictEqual(one, other));
    });
    fc.assert(injective, { numRuns: 10_000 });
  });

  test("a copy gives the same key", () => {
    const copied = fc.property(argumentLists, (args) => {
      expect(argumentKey("f", structuredClone(args))).toBe(argumentKey("f", args));
    });
    fc.assert(copied, { numRuns: 3_000 });
  });

  test("the order of fields, entries and members is nothing", () => {
    const reordered = fc.property(fc.uniqueArray(names), values, (fields, value) => {
      const pairs = fields.map((name, index) => [name, [index, value]] as const);
      const turned = pairs.toReversed();
      const key = (items: typeof pairs): string =>
        argumentKey("f", [
          Object.fromEntries(items),
          new Map(items),
          new Set(items.map(([n]) => n)),
        ]);
      expect(key(turned)).toBe(key(pairs));
    });
    fc.assert(reordered, { numRuns: 2_000 });
  });

  test("a small change deep inside gives another key", () => {
    const changed = fc.property(argumentLists, values, values, (args, one, other) => {
      fc.pre(!isDeepStrictEqual(one, other));
      const nest = (value: unknown): unknown[] => [...args, { deep: [new Map([["x", value]])] }];
      expect(argumentKey("f", nest(one))).not.toBe(argumentKey("f", nest(other)));
    });
    fc.assert(changed, { numRuns: 3_000 });
  });

  test("a hole in a list is no end of it", () => {
    expect(argumentKey("f", [Array(1)])).not.toBe(argumentKey("f", [[]]));
  });

  test("every key is text that UTF-8 can carry, of bounded length, and begins with the name", () => {
    const halves = fc.string({ unit: "binary", maxLength: 300 });
    const carried = fc.property(fc.array(halves, { maxLength: 3 }), (args) => {
      const key = argumentKey("f", args);
      expect(key.isWellFormed()).toBe(true);
      expect(key.length).toBeLessThanOrEqual(2 + 160);
      expect(key.startsWith("f:")).toBe(true);
    });
    fc.assert(carried, { numRuns: 2_000 });
  });

  test("halves of surrogate pairs are told apart", () => {
    const keys = ["\ud800", "\ud801", "\udc00", "\ufffd"].map((text) => argumentKey("f", [text]));
    expect(new Set(keys).size).toBe(4);
  });

  class Point {
    readonly x = 1;
  }

  test.each([
    ["a function", () => 1],
    ["a symbol", Symbol("sign")],
    ["a class instance", new Point()],
    ["a promise", Promise.resolve()],
    ["an error", new Error("x")],
    ["a nested function", { deep: [() => 1] }],
  ])("%s has no value to compare", (_what, argument) => {
    expect(() => argumentKey("f", [argument])).toThrow(TypeError);
  });

  test("an object without a prototype is an object", () => {
    expect(argumentKey("f", [Object.assign(Object.create(null), { a: 1 })])).toBe(
      argumentKey("f", [{ a: 1 }]),
    );
  });
});
