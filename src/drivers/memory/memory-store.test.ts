import { describe, expect, test } from "vitest";
import { testStoreContract } from "../../../test/contracts/store-contract.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { MemoryStore } from "./memory-store.ts";

const clock = new ManualClock();

testStoreContract(
  { describe, test },
  {
    name: "memory",
    clock,
    open: async () => new MemoryStore({ maxEntries: 10_000, clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("memory store", () => {
  const forever = { lifetime: "forever" } as const;
  const brief = { lifetime: { ttlMs: 10 } } as const;

  async function writeAll(store: MemoryStore, keys: readonly string[]): Promise<void> {
    for (const key of keys) await store.set(key, "x", forever);
  }

  test("a full store lets the least recently used entry go", async () => {
    const store = new MemoryStore({ maxEntries: 2, clock });
    await writeAll(store, ["a", "b", "c"]);
    expect(await store.getMany(["a", "b", "c"])).toEqual([undefined, "x", "x"]);
  });

  test("reading an entry is a use of it", async () => {
    const store = new MemoryStore({ maxEntries: 2, clock });
    await writeAll(store, ["a", "b"]);
    await store.get("a");
    await writeAll(store, ["c"]);
    expect(await store.getMany(["a", "b", "c"])).toEqual(["x", undefined, "x"]);
  });

  test("asking whether an entry is there is no use of it", async () => {
    const store = new MemoryStore({ maxEntries: 2, clock });
    await writeAll(store, ["a", "b"]);
    await Promise.all([store.has("a"), store.remainingMs("a")]);
    await writeAll(store, ["c"]);
    expect(await store.has("a")).toBe(false);
  });

  test("a write over an entry pushes no other out", async () => {
    const store = new MemoryStore({ maxEntries: 2, clock });
    await writeAll(store, ["a", "b", "b", "b"]);
    expect(await store.getMany(["a", "b"])).toEqual(["x", "x"]);
  });

  test("an end that has passed pushes nothing out", async () => {
    const store = new MemoryStore({ maxEntries: 1, clock });
    await writeAll(store, ["a"]);
    await store.set("dead", "x", { lifetime: { ttlMs: 0 } });
    expect(await store.get("a")).toBe("x");
  });

  test("a dead entry gives way before a living one", async () => {
    const store = new MemoryStore({ maxEntries: 2, clock });
    await writeAll(store, ["living"]);
    await store.set("dead", "x", brief);
    clock.advance(10);
    await writeAll(store, ["new"]);
    expect(await store.getMany(["living", "new"])).toEqual(["x", "x"]);
  });

  test("the last fraction of a millisecond counts as one", async () => {
    const store = new MemoryStore({ maxEntries: 10, clock });
    await store.set("key", "x", brief);
    clock.advance(9.5);
    expect(await store.remainingMs("key")).toBe(1);
  });

  test("an expired entry is dropped when it is read", async () => {
    const store = new MemoryStore({ maxEntries: 10, clock });
    await store.set("key", "x", brief);
    clock.advance(10);
    await store.get("key");
    expect(store.size).toBe(0);
  });

  test("entries that expire unread do not pile up", async () => {
    const store = new MemoryStore({ maxEntries: 10_000, clock });
    for (let index = 0; index < 1_000; index++) {
      await store.set(`key ${index}`, "x", brief);
      clock.advance(1);
    }
    expect(store.size).toBeLessThan(30);
  });

  test("text comes back as text", async () => {
    const store = new MemoryStore({ maxEntries: 10, clock });
    await store.set("key", "text", forever);
    expect(await store.get("key")).toBe("text");
  });

  test("a scan answers batches of the size asked", async () => {
    const store = new MemoryStore({ maxEntries: 10, clock });
    await writeAll(store, ["a", "b", "c"]);
    const sizes: number[] = [];
    for await (const batch of store.scan("*", { count: 2 })) sizes.push(batch.length);
    expect(sizes).toEqual([2, 1]);
  });
});
