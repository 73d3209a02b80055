import { describe, expect, test } from "vitest";
import { canonicalText } from "./canonical.ts";

const refuse = (): never => {
  throw new RangeError("opaque");
};

function text(value: unknown): string {
  return canonicalText(value, refuse);
}

// That texts are equal exactly when values are, is checked at length in `keys/argument-key.test.ts`.
describe("canonical text", () => {
  test.each([
    [{ b: 1, a: [2, "x"] }, '{"a":[2,"x"],"b":1}'],
    [new Date(5), "date:5"],
    [Uint8Array.of(255), "bytes:_w"],
    [new Set(["b", "a"]), 'set:{"a","b"}'],
    [new Map([["b", 1n]]), 'map:{"b":1n}'],
    [-0, "-0"],
    [undefined, "undefined"],
  ])("the text of %j", (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  test("what is opaque gets the text that is given for it, wherever it is", () => {
    const named = { at: [() => 1, Symbol("sign"), new URLSearchParams()] };
    expect(canonicalText(named, (value) => `<${typeof value}>`)).toBe(
      '{"at":[<function>,<symbol>,<object>]}',
    );
  });

  test("what the opaque refuse is thrown", () => {
    expect(() => text({ deep: [() => 1] })).toThrow(RangeError);
  });
});
