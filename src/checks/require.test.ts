import { describe, expect, test } from "vitest";
import { requireWhole } from "./require.ts";

describe("whole number", () => {
  test.each([0, -0, 1, -5, Number.MAX_SAFE_INTEGER])("%s is one", (value) => {
    expect(requireWhole("version", value)).toBe(value);
  });

  test.each([1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, "1", 1n, null, undefined, {}])(
    "%s is none",
    (value) => {
      expect(() => requireWhole("version", value)).toThrow(/^version must be a whole number, got/);
      expect(() => requireWhole("version", value)).toThrow(TypeError);
    },
  );

  test("it may have to be at least something", () => {
    expect(requireWhole("scanCount", 1, 1)).toBe(1);
    expect(() => requireWhole("scanCount", 0, 1)).toThrow(
      "scanCount must be a whole number of at least 1",
    );
  });
});
