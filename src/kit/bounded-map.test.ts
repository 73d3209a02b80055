import { describe, expect, test } from "vitest";
import { BoundedMap } from "./bounded-map.ts";

describe("a bounded map", () => {
  test("holds so many entries: the least recently used goes", () => {
    const map = new BoundedMap({ maxEntries: 2, maxSize: 100 });
    map.set("a", {}, 1);
    map.set("b", {}, 1);
    map.get("a");
    map.set("c", {}, 1);
    expect([map.get("b"), map.count, map.evictions]).toEqual([undefined, 2, 1]);
  });

  test("holds so much: as many go as make room", () => {
    const map = new BoundedMap({ maxEntries: 10, maxSize: 10 });
    for (const key of ["a", "b", "c"]) map.set(key, {}, 3);
    map.set("d", {}, 8);
    expect([map.count, map.size, map.evictions]).toEqual([1, 8, 3]);
  });

  test("does not keep what is larger than all of it, nor what was there before", () => {
    const map = new BoundedMap({ maxEntries: 10, maxSize: 10 });
    map.set("a", {}, 3);
    map.set("b", {}, 3);
    map.set("a", {}, 11);
    expect([map.get("a"), map.count, map.size]).toEqual([undefined, 1, 3]);
  });

  test("what is deleted, replaced or cleared is no eviction", () => {
    const map = new BoundedMap({ maxEntries: 2, maxSize: 10 });
    map.set("a", {}, 1);
    map.set("a", {}, 2);
    expect([map.delete("a"), map.delete("a")]).toEqual([true, false]);
    map.set("b", {}, 1);
    map.clear();
    expect([map.count, map.size, map.evictions]).toEqual([0, 0, 0]);
  });
});
