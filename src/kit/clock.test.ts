import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { systemClock } from "./clock.ts";

describe("system clock", () => {
  test("it tells unix milliseconds", () => {
    expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(5_000);
  });

  test("it goes on, and never back", async () => {
    const before = systemClock.now();
    await sleep(2);
    expect(systemClock.now()).toBeGreaterThan(before);
  });
});
