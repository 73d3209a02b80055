import { describe, expect, test } from "vitest";
import {
  type Expiry,
  type LifetimeRules,
  lifetimeMs,
  readExpiry,
  recordLifetime,
  toExpiry,
  writeExpiry,
} from "./expiry.ts";

const rules: LifetimeRules = { ttlMs: 1_000, absoluteTtlMs: undefined };
const bounded: LifetimeRules = { ttlMs: 1_000, absoluteTtlMs: 1_500 };

const written: readonly (readonly [string, Expiry])[] = [
  ["idle 5000", { kind: "idle", ttlMs: 5_000 }],
  ["at 1700000000000", { kind: "at", unixMs: 1_700_000_000_000 }],
  ["at -1", { kind: "at", unixMs: -1 }],
  ["browser", { kind: "browser" }],
];

describe("toExpiry", () => {
  test("takes durations, moments, 0 and null", () => {
    expect(toExpiry(5)).toEqual({ kind: "idle", ttlMs: 5_000 });
    expect(toExpiry("2h")).toEqual({ kind: "idle", ttlMs: 7_200_000 });
    expect(toExpiry(new Date(5))).toEqual({ kind: "at", unixMs: 5 });
    expect(toExpiry(0)).toEqual({ kind: "browser" });
    expect(toExpiry("0s")).toEqual({ kind: "browser" });
    expect(toExpiry(-0)).toEqual({ kind: "browser" });
    expect(toExpiry(null)).toBeUndefined();
  });

  test("takes the shortest of times for one, and no time for the end of the browser", () => {
    expect(toExpiry(0.000_1)).toEqual({ kind: "idle", ttlMs: 1 });
  });
});

describe("an expiry as it is stored", () => {
  test.each(written)("%s is read as it was written", (text, expiry) => {
    expect(writeExpiry(expiry)).toBe(text);
    expect(readExpiry(text)).toEqual(expiry);
  });

  test.each([
    "",
    "idle",
    "at",
    "idle soon",
    "idle NaN",
    "idle Infinity",
    "idle 1e400",
    "at 1.5",
    "later 5",
    "Browser",
    "idle  5",
    "__proto__ 5",
  ])("%j is none", (text) => {
    expect(readExpiry(text)).toBeUndefined();
  });
});

describe("how long a record lives", () => {
  test.each([
    ["without an expiry", undefined, { ttlMs: 1_000 }],
    ["with a duration", { kind: "idle", ttlMs: 5 }, { ttlMs: 5 }],
    ["with a moment", { kind: "at", unixMs: 5 }, { untilMs: 5 }],
    ["with the end of the browser", { kind: "browser" }, { ttlMs: 1_000 }],
  ] as const)("%s", (_, expiry, lifetime) => {
    expect(recordLifetime(expiry, rules)).toEqual({ ...lifetime, maxAgeMs: undefined });
    expect(recordLifetime(expiry, bounded)).toEqual({ ...lifetime, maxAgeMs: 1_500 });
  });

  test.each([
    ["the ttl", undefined, { nowMs: 0, ageMs: 0 }, 1_000],
    ["what is left until the bound", undefined, { nowMs: 0, ageMs: 700 }, 800],
    ["less than nothing past the bound", undefined, { nowMs: 0, ageMs: 1_600 }, -100],
    ["its own duration", { kind: "idle", ttlMs: 5 }, { nowMs: 0, ageMs: 700 }, 5],
    ["until its moment", { kind: "at", unixMs: 500 }, { nowMs: 100, ageMs: 0 }, 400],
    [
      "less than nothing past its moment",
      { kind: "at", unixMs: 500 },
      { nowMs: 600, ageMs: 0 },
      -100,
    ],
    [
      "the bound, if its moment is later",
      { kind: "at", unixMs: 9_000 },
      { nowMs: 0, ageMs: 0 },
      1_500,
    ],
  ] as const)("%s", (_, expiry, moment, expected) => {
    expect(lifetimeMs(expiry, bounded, moment)).toBe(expected);
  });
});
