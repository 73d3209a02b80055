import { describe, expect, test } from "vitest";
import { storeRules, testStoreContract } from "../../../test/contracts/store-contract.ts";
import type { Store } from "../../contracts/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { DummyStore } from "./dummy-store.ts";

const clock = new ManualClock();

/** The rules that hold for a store in which nothing ever lives; every other one reads what it wrote. */
const keptRules: ReadonlySet<string> = new Set([
  "its name is a short text",
  "ping resolves",
  "an absent key reads as undefined",
  "getMany of no keys is empty",
  "has is false for an absent key",
  "take of an absent key is undefined",
  "set where present for a minute refuses over nothing",
  "set where present forever refuses over nothing",
  "set where present for a minute, keeping a living key's lifetime, refuses over nothing",
  "set where present forever, keeping a living key's lifetime, refuses over nothing",
  "setMany of nothing resolves",
  "delete of nothing answers 0",
  "delete of an absent key answers 0",
  "flush removes every key",
  "flush of an empty store resolves",
  "an absent counter is not created unasked",
  "a counter created for 0 ms is counted and not kept",
  "a counter created for -1 ms is counted and not kept",
  "get does not see an expired key",
  "getMany does not see an expired key",
  "has does not see an expired key",
  "delete does not see an expired key",
  "count does not see an expired key",
  "expire does not see an expired key",
  "expire forever does not see an expired key",
  "expireAt does not see an expired key",
  "persist does not see an expired key",
  "remainingMs does not see an expired key",
  "rename does not see an expired key",
  "scan does not see an expired key",
  "set where present does not see an expired key",
  "set where absent does not see an expired key",
  "a counter that has expired begins anew",
  "nothing remains of an absent key",
  "expire of an absent key is false",
  "expireAt of an absent key is false",
  "persist is false for an absent key",
  "a scan of an empty store sees nothing",
  'a scan for "nobody*" sees what matches',
]);

const exemptions = Object.fromEntries(
  storeRules
    .filter(({ name }) => !keptRules.has(name))
    .map(({ name }) => [name, "the dummy store keeps nothing"]),
);

testStoreContract(
  { describe, test },
  {
    name: "dummy",
    clock,
    exemptions,
    open: async () => new DummyStore(),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("dummy store", () => {
  const store: Store = new DummyStore();
  const rules = { lifetime: "forever" } as const;

  test("the contract still has each rule that is kept", () => {
    const names = new Set(storeRules.map(({ name }) => name));
    expect([...keptRules].filter((name) => !names.has(name))).toEqual([]);
  });

  test("it says that it wrote", async () => {
    expect(await store.set("key", "x", rules)).toBe(true);
    expect(await store.set("key", "x", { ...rules, condition: "absent" })).toBe(true);
  });

  test("it keeps nothing", async () => {
    await store.set("key", "x", rules);
    await store.setMany([{ key: "key", bytes: "x", rules }]);
    expect(await store.getMany(["key"])).toEqual([undefined]);
  });

  test("each count begins anew", async () => {
    await store.count("key", 5n, { createWith: "forever" });
    expect(await store.count("key", 5n, { createWith: "forever" })).toBe(5n);
  });
});
