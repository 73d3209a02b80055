import { describe, expect, test } from "vitest";
import type { MemberIndex, RecordStore } from "../../contracts/records.ts";
import { DummyIndex, DummyRecords } from "./dummy-records.ts";

const fields = new Map([["name", "Ann"]]);
const forAMinute = { ttlMs: 60_000 };
const change = { set: fields, remove: [] };

describe("dummy records", () => {
  const records: RecordStore = new DummyRecords();

  test("create says that it did, each time", async () => {
    expect(await records.create("key", fields, forAMinute)).toBe(true);
    expect(await records.create("key", fields, forAMinute)).toBe(true);
  });

  test("nothing is kept", async () => {
    await records.create("key", fields, forAMinute);
    await records.put("key", fields, forAMinute);
    expect(await records.load("key")).toBeUndefined();
  });

  test("a walk sees nothing", async () => {
    await records.put("key", fields, forAMinute);
    const batches: (readonly string[])[] = [];
    for await (const batch of records.keys("", { count: 10 })) batches.push(batch);
    expect(batches.flat()).toEqual([]);
  });

  test("there is nothing to change", async () => {
    await records.put("key", fields, forAMinute);
    const move = { from: "key", to: "other", change, lifetime: forAMinute, rememberMs: 1_000 };
    expect(await records.update("key", change, forAMinute)).toBe(false);
    expect(await records.touch("key", forAMinute)).toBe(false);
    expect(await records.move(move)).toBe(false);
  });

  test("there is nothing to destroy", async () => {
    await records.put("key", fields, forAMinute);
    expect(await records.destroy("key")).toEqual({ destroyed: false });
    const ann = { field: "name", text: "Ann" };
    expect(await records.destroy("key", ann)).toEqual({ destroyed: false });
  });
});

describe("dummy index", () => {
  const index: MemberIndex = new DummyIndex();

  test("no set has members", async () => {
    await index.add("set", "ann", 60_000);
    expect(await index.members("set")).toEqual([]);
  });

  test("there is nobody to remove", async () => {
    await expect(index.remove("set", ["ann"])).resolves.toBeUndefined();
  });
});
