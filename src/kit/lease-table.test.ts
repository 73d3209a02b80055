import { beforeEach, describe, expect, test } from "vitest";
import { LeaseTable } from "./lease-table.ts";

// The promises of a lock are in `testing/locker-contract.ts`; here is what only this table promises.
describe("lease table", () => {
  let nowMs = 0;
  const clock = { now: () => nowMs };

  beforeEach(() => {
    nowMs = 1_700_000_000_000;
  });

  test("a fence is the time in microseconds", () => {
    expect(new LeaseTable(clock).acquire("door", "me", 10)).toBe(1_700_000_000_000_000);
  });

  test("fences grow within one microsecond", () => {
    const leases = new LeaseTable(clock);
    const first = leases.acquire("door", "me", 10) ?? 0;
    leases.release("door", "me");
    expect(leases.acquire("door", "me", 10)).toBe(first + 1);
  });

  test("a fence is whole although the clock has fractions", () => {
    nowMs += 0.123_456;
    expect(Number.isSafeInteger(new LeaseTable(clock).acquire("door", "me", 10))).toBe(true);
  });

  test("a table made later goes on with higher fences", () => {
    const before = new LeaseTable(clock).acquire("door", "me", 10) ?? 0;
    nowMs += 1;
    expect(new LeaseTable(clock).acquire("door", "me", 10)).toBeGreaterThan(before);
  });

  test("ended leases that nobody released do not pile up", () => {
    const leases = new LeaseTable(clock);
    for (let door = 0; door < 1_000; door++) {
      leases.acquire(`door ${door}`, "me", 10);
      nowMs += 1;
    }
    expect(leases.size).toBeLessThan(50);
  });

  test("living leases survive the sweep", () => {
    const leases = new LeaseTable(clock);
    leases.acquire("vault", "me", 1_000_000);
    for (let door = 0; door < 100; door++) leases.acquire(`door ${door}`, "me", 10);
    expect(leases.release("vault", "me")).toBe(true);
  });
});
