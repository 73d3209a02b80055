import { beforeEach, describe, expect, test } from "vitest";
import { testLockerContract } from "../../../test/contracts/locker-contract.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { LeaseTable } from "./lease-table.ts";

const turned = new ManualClock();

testLockerContract(
  { describe, test },
  {
    name: "lease table",
    open: async () => new LeaseTable(turned),
    pass: async (ms) => {
      turned.advance(ms);
    },
  },
);

// What only this table promises, beside what every locker does.
describe("lease table", () => {
  let nowMs = 0;
  const clock = { now: () => nowMs };

  beforeEach(() => {
    nowMs = 1_700_000_000_000;
  });

  test("a fence is the time in microseconds", async () => {
    expect(await new LeaseTable(clock).acquire("door", "me", 10)).toBe(1_700_000_000_000_000);
  });

  test("fences grow within one microsecond", async () => {
    const leases = new LeaseTable(clock);
    const first = (await leases.acquire("door", "me", 10)) ?? 0;
    await leases.release("door", "me");
    expect(await leases.acquire("door", "me", 10)).toBe(first + 1);
  });

  test("a fence is whole although the clock has fractions", async () => {
    nowMs += 0.123_456;
    expect(Number.isSafeInteger(await new LeaseTable(clock).acquire("door", "me", 10))).toBe(true);
  });

  test("a table made later goes on with higher fences", async () => {
    const before = (await new LeaseTable(clock).acquire("door", "me", 10)) ?? 0;
    nowMs += 1;
    expect(await new LeaseTable(clock).acquire("door", "me", 10)).toBeGreaterThan(before);
  });

  test("ended leases that nobody released do not pile up", async () => {
    const leases = new LeaseTable(clock);
    for (let door = 0; door < 1_000; door++) {
      await leases.acquire(`door ${door}`, "me", 10);
      nowMs += 1;
    }
    expect(leases.size).toBeLessThan(50);
  });

  test("living leases survive the sweep", async () => {
    const leases = new LeaseTable(clock);
    await leases.acquire("vault", "me", 1_000_000);
    for (let door = 0; door < 100; door++) await leases.acquire(`door ${door}`, "me", 10);
    expect(await leases.release("vault", "me")).toBe(true);
  });
});
