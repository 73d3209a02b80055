import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseDuration, parseFiniteDuration } from "./duration.ts";

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

describe("duration", () => {
  test.each([
    [0, 0],
    [1, 1_000],
    [1.5, 1_500],
    [0.25, 250],
    [-1, -1_000],
    ["250ms", 250],
    ["30s", 30_000],
    ["5m", 300_000],
    ["2h", 7_200_000],
    ["14d", 1_209_600_000],
    ["1w", 604_800_000],
    ["1.5h", 5_400_000],
    ["-5s", -5_000],
    ["0s", 0],
    [null, null],
  ])("%j is %j milliseconds", (duration, ms) => {
    expect(parseDuration("ttl", duration)).toBe(ms);
  });

  test.each([0.0001, 0.0004, "0.1ms", "0.4ms", Number.MIN_VALUE])(
    "%j is short, but not nothing",
    (duration) => {
      expect(parseDuration("ttl", duration)).toBe(1);
    },
  );

  test.each([
    Number.NaN,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
    1e300,
    "",
    "5",
    "s",
    "5x",
    "5 years",
    "5S",
    "1e3s",
    "1s 5ms",
    "NaNs",
    "Infinitys",
    "0x10s",
    `${"9".repeat(30)}w`,
    true,
    undefined,
    {},
    [],
    5n,
    Symbol("sign"),
    () => 5,
  ])("%s is no duration", (duration) => {
    expect(() => parseDuration("ttl", duration)).toThrow(TypeError);
    expect(() => parseDuration("ttl", duration)).toThrow(/^ttl must be/);
  });

  test.each([
    ["soon", '"soon"'],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
    [5n, "5"],
  ])("the error quotes the value %s", (duration, shown) => {
    expect(() => parseDuration("retryDelay", duration)).toThrow(`retryDelay must be`);
    expect(() => parseDuration("retryDelay", duration)).toThrow(shown);
  });

  test("a long text is quoted in part", () => {
    expect(() => parseDuration("ttl", "x".repeat(100_000))).toThrow(/^.{0,400}$/s);
  });

  test("every text with a unit is its number of that unit", () => {
    const units = fc.constantFrom(...(Object.keys(unitsMs) as (keyof typeof unitsMs)[]));
    const whole = fc.integer({ min: -10_000, max: 10_000 });
    const parsed = fc.property(whole, units, (amount, unit) => {
      expect(parseDuration("ttl", `${amount}${unit}`)).toBe(amount * unitsMs[unit]);
    });
    fc.assert(parsed, { numRuns: 2_000 });
  });

  test("every number is whole milliseconds, positive where it was positive", () => {
    const seconds = fc.double({ min: -1e9, max: 1e9, noNaN: true });
    const parsed = fc.property(seconds, (amount) => {
      const ms = parseDuration("ttl", amount) ?? Number.NaN;
      expect(Number.isSafeInteger(ms)).toBe(true);
      expect(ms > 0).toBe(amount > 0);
      expect(Math.abs(ms - amount * 1_000)).toBeLessThanOrEqual(1);
    });
    fc.assert(parsed, { numRuns: 2_000 });
  });

  test("nothing but a duration is taken, and nothing but a TypeError is thrown", () => {
    const anything = fc.property(fc.anything({ withBigInt: true, withDate: true }), (value) => {
      let error: unknown;
      try {
        parseDuration("ttl", value);
      } catch (caught) {
        error = caught;
      }
      expect(error === undefined || error instanceof TypeError).toBe(true);
    });
    fc.assert(anything, { numRuns: 2_000 });
  });
});

describe("a duration that must end", () => {
  test("it is longer than nothing", () => {
    expect(parseFiniteDuration("wait", "5ms")).toBe(5);
  });

  test.each([0, -1, null, "0s", Number.NaN, "soon", undefined])("%j is refused", (duration) => {
    expect(() => parseFiniteDuration("wait", duration)).toThrow(TypeError);
    expect(() => parseFiniteDuration("wait", duration)).toThrow(/^wait must be/);
  });
});
