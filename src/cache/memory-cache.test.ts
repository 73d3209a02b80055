import { describe, expect, test } from "vitest";
import { cacheRules, testCacheContract } from "../../test/contracts/cache-contract.ts";
import { createCache } from "../create-cache.ts";
import { ManualClock } from "../testing/manual-clock.ts";

const clock = new ManualClock();

testCacheContract(
  { describe, test },
  {
    name: "memory",
    clock,
    open: async (options) => createCache({ clock, ...options }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("cache contract", () => {
  test("no two rules share a name", () => {
    const names = cacheRules.map(({ name }) => name);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
