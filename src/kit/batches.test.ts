import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { batchesOf, mapInBatches } from "./batches.ts";

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

describe("mapInBatches", () => {
  test("gives the results in the order of the items", async () => {
    const double = async (item: number): Promise<number> => item * 2;
    expect(await mapInBatches([1, 2, 3, 4, 5], 2, double)).toEqual([2, 4, 6, 8, 10]);
  });

  test("has no more under way than it may", async () => {
    let [running, most] = [0, 0];
    await mapInBatches([...Array(10).keys()], 3, async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise(setImmediate);
      running -= 1;
    });
    expect(most).toBe(3);
  });
});
