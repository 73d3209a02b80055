import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOf } from "./batches.ts";

describe("batches", () => {
  test.each([
    [[], []],
    [[1], [[1]]],
    [[1, 2, 3], [[1, 2, 3]]],
    [
      [1, 2, 3, 4],
      [[1, 2, 3], [4]],
    ],
  ])("%j in threes is %j", (items, batches) => {
    expect(batchesOf(items, 3)).toEqual(batches);
  });

  test("nothing is lost, doubled or moved, and no batch is empty or too large", () => {
    const whole = fc.property(
      fc.array(fc.integer()),
      fc.integer({ min: 1, max: 9 }),
      (items, size) => {
        const batches = batchesOf(items, size);
        expect(batches.flat()).toEqual(items);
        expect(batches.every(({ length }) => length > 0 && length <= size)).toBe(true);
      },
    );
    fc.assert(whole);
  });
});
