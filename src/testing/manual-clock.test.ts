import { describe, expect, test } from "vitest";
import { ManualClock } from "./manual-clock.ts";

describe("manual clock", () => {
  test("it stands still until it is turned", () => {
    const clock = new ManualClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
  });

  test("it moves by what it is advanced", () => {
    const clock = new ManualClock(1_000);
    clock.advance(250);
    clock.advance(0.5);
    expect(clock.now()).toBe(1_250.5);
  });

  test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("it refuses a step of %s", (ms) => {
    expect(() => {
      new ManualClock().advance(ms);
    }).toThrow(RangeError);
  });
});
