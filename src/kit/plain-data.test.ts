import { describe, expect, test } from "vitest";
import { freezePlainData } from "./plain-data.ts";

class Point {
  readonly x = 1;
}

describe("freezing plain data", () => {
  test.each([undefined, null, true, 1, "text", 2n ** 70n, Number.NaN, Symbol.iterator])(
    "a primitive is plain: %s",
    (value) => expect(freezePlainData(value)).toBe(true),
  );

  test("every object and array of it is frozen", () => {
    const value = { list: [{ deep: [1] }], bare: Object.assign(Object.create(null), { a: {} }) };
    expect(freezePlainData(value)).toBe(true);
    for (const part of [value, value.list, value.list[0], value.list[0]?.deep, value.bare.a]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test.each([
    ["a date", new Date(0)],
    ["a map", new Map()],
    ["bytes", Buffer.from("a")],
    ["an instance", new Point()],
    ["a function", () => undefined],
  ])("what holds %s is not plain, and none of it is frozen", (_what, odd) => {
    const value = { before: {}, odd };
    expect([freezePlainData(odd), freezePlainData(value)]).toEqual([false, false]);
    expect([Object.isFrozen(value), Object.isFrozen(value.before)]).toEqual([false, false]);
  });

  test("depth is no trouble, nor is a circle", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`) as unknown;
    expect([freezePlainData(circle), freezePlainData(deep)]).toEqual([true, true]);
  });
});
