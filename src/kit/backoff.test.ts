import fc from "fast-check";
import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";

const rules = { firstMs: 50, longestMs: 400 };

function pauses(random: () => number, count: number): number[] {
  const backoff = new Backoff({ ...rules, random });
  return Array.from({ length: count }, () => backoff.next());
}

test("pauses double up to the longest, by the luckiest draw and the unluckiest", () => {
  expect(pauses(() => 0, 6)).toEqual([25, 50, 100, 200, 200, 200]);
  expect(pauses(() => 1, 6)).toEqual([50, 100, 200, 400, 400, 400]);
});

test("a pause is never shorter than half its bound, nor longer than the longest, ever so late", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (chance) => {
      const late = pauses(() => chance, 2_000).slice(3);
      expect(Math.min(...late)).toBeGreaterThanOrEqual(200);
      expect(Math.max(...late)).toBeLessThanOrEqual(400);
    }),
  );
});

test("it begins anew after a success", () => {
  const backoff = new Backoff({ ...rules, random: () => 1 });
  for (let attempt = 0; attempt < 5; attempt++) backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(50);
});

test("many who fail together spread out", () => {
  const firsts = Array.from({ length: 1_000 }, () => new Backoff(rules).next());
  const early = firsts.filter((pause) => pause < 37.5).length;
  expect(early).toBeGreaterThan(400);
  expect(early).toBeLessThan(600);
});
