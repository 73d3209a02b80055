import { describe, expect, test } from "vitest";
import { testRecordContract } from "../../../test/contracts/record-contract.ts";
import type { RecordFields } from "../../contracts/records.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { MemoryRecords } from "./memory-records.ts";

const clock = new ManualClock();

testRecordContract(
  { describe, test },
  {
    name: "memory",
    clock,
    open: async () => new MemoryRecords({ maxEntries: 10_000, clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("memory records", () => {
  const fields: RecordFields = new Map([["name", "Ann"]]);
  const forAMinute = { ttlMs: 60_000 };
  const change = { set: new Map(), remove: [] };
  const moveOfA = { from: "a", to: "b", change, lifetime: forAMinute, rememberMs: 60_000 };

  async function createAll(records: MemoryRecords, keys: readonly string[]): Promise<void> {
    for (const key of keys) await records.create(key, fields, forAMinute);
  }

  async function walked(records: MemoryRecords, count = 100): Promise<(readonly string[])[]> {
    const batches: (readonly string[])[] = [];
    for await (const batch of records.keys("", { count })) batches.push(batch);
    return batches;
  }

  async function livingOf(records: MemoryRecords, keys: readonly string[]): Promise<string[]> {
    const living = new Set((await walked(records)).flat());
    return keys.filter((key) => living.has(key));
  }

  test("the least recently used record makes room", async () => {
    const records = new MemoryRecords({ maxEntries: 2, clock });
    await createAll(records, ["a", "b", "c"]);
    expect(await livingOf(records, ["a", "b", "c"])).toEqual(["b", "c"]);
  });

  test.each<[string, (records: MemoryRecords) => Promise<unknown>]>([
    ["load", (records) => records.load("a")],
    ["update", (records) => records.update("a", change, forAMinute)],
    ["put", (records) => records.put("a", fields, forAMinute)],
    ["touch", (records) => records.touch("a", forAMinute)],
  ])("%s is a use of a record", async (_verb, use) => {
    const records = new MemoryRecords({ maxEntries: 2, clock });
    await createAll(records, ["a", "b"]);
    await use(records);
    await createAll(records, ["c"]);
    expect(await livingOf(records, ["a", "b", "c"])).toEqual(["a", "c"]);
  });

  test("a walk is no use of the records it tells of", async () => {
    const records = new MemoryRecords({ maxEntries: 2, clock });
    await createAll(records, ["a", "b"]);
    await walked(records);
    await createAll(records, ["c"]);
    expect(await livingOf(records, ["a", "b", "c"])).toEqual(["b", "c"]);
  });

  test("a refused create is no use of a record", async () => {
    const records = new MemoryRecords({ maxEntries: 2, clock });
    await createAll(records, ["a", "b", "a", "c"]);
    expect(await livingOf(records, ["a", "b", "c"])).toEqual(["b", "c"]);
  });

  test.each([1, 2])("where there is room for %i, a move keeps the record", async (maxEntries) => {
    const records = new MemoryRecords({ maxEntries, clock });
    await createAll(records, ["a"]);
    expect(await records.move(moveOfA)).toBe(true);
    expect((await records.load("b"))?.fields).toEqual(fields);
  });

  test("a trace makes room before the record that left it", async () => {
    const records = new MemoryRecords({ maxEntries: 2, clock });
    await createAll(records, ["a"]);
    await records.move(moveOfA);
    await createAll(records, ["c"]);
    expect(await livingOf(records, ["a", "b", "c"])).toEqual(["b", "c"]);
  });

  test("a record whose end has passed pushes nothing out", async () => {
    const records = new MemoryRecords({ maxEntries: 1, clock });
    await createAll(records, ["a"]);
    await records.create("dead", fields, { ttlMs: 0 });
    expect(await livingOf(records, ["a"])).toEqual(["a"]);
  });

  test("the last fraction of a millisecond counts as one", async () => {
    const records = new MemoryRecords({ maxEntries: 10, clock });
    await records.create("a", fields, { ttlMs: 10 });
    clock.advance(9.5);
    expect((await records.load("a"))?.remainingMs).toBe(1);
  });

  test("text comes back as text", async () => {
    const records = new MemoryRecords({ maxEntries: 10, clock });
    await createAll(records, ["a"]);
    expect((await records.load("a"))?.fields.get("name")).toBe("Ann");
  });

  test("a walk answers batches of the size asked", async () => {
    const records = new MemoryRecords({ maxEntries: 10, clock });
    await createAll(records, ["a", "b", "c"]);
    expect((await walked(records, 2)).map((batch) => batch.length)).toEqual([2, 1]);
  });

  test("clearing forgets records and traces", async () => {
    const records = new MemoryRecords({ maxEntries: 10, clock });
    await createAll(records, ["a"]);
    await records.move(moveOfA);
    records.clear();
    expect(await records.destroy("a")).toEqual({ destroyed: false });
    expect(await records.load("b")).toBeUndefined();
  });
});
