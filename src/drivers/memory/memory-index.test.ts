import { describe, expect, test } from "vitest";
import { testMemberIndexContract } from "../../../test/contracts/member-index-contract.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { MemoryIndex } from "./memory-index.ts";

const clock = new ManualClock();

testMemberIndexContract(
  { describe, test },
  {
    name: "memory",
    open: async () => new MemoryIndex({ maxEntries: 10_000, clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("memory index", () => {
  const minuteMs = 60_000;

  test("the least recently used set makes room", async () => {
    const index = new MemoryIndex({ maxEntries: 2, clock });
    for (const key of ["a", "b", "a", "c"]) await index.add(key, "ann", minuteMs);
    const [a, b, c] = await Promise.all(["a", "b", "c"].map((key) => index.members(key)));
    expect([a, b, c]).toEqual([["ann"], [], ["ann"]]);
  });

  test("a set that has lost its members takes no room", async () => {
    const index = new MemoryIndex({ maxEntries: 2, clock });
    await index.add("a", "ann", minuteMs);
    await index.add("b", "bob", minuteMs);
    await index.remove("b", ["bob"]);
    await index.add("c", "eve", minuteMs);
    expect(await index.members("a")).toEqual(["ann"]);
  });

  test("clearing forgets all sets", async () => {
    const index = new MemoryIndex({ maxEntries: 10, clock });
    await index.add("a", "ann", minuteMs);
    index.clear();
    expect(await index.members("a")).toEqual([]);
  });
});
