import { describe, expect, test } from "vitest";
import { ManualClock } from "../../testing/manual-clock.ts";
import { ExpiringMap, isMortal } from "./expiring-map.ts";

const never = Number.POSITIVE_INFINITY;

describe("expiring map", () => {
  function opened(maxEntries: number) {
    const clock = new ManualClock();
    const map = new ExpiringMap<string>({ maxEntries, clock });
    const setFor = (key: string, ms: number): void => {
      map.set(key, { value: `${key} for ${ms}`, expiresAtMs: clock.now() + ms });
    };
    const living = (...keys: readonly string[]): string[] => keys.filter((key) => map.peek(key));
    return { clock, map, setFor, living };
  }

  test("an entry is found as it was set", () => {
    const { map, clock, setFor } = opened(10);
    setFor("a", 5);
    const entry = { value: "a for 5", expiresAtMs: clock.now() + 5 };
    expect([map.find("a"), map.peek("a")]).toEqual([entry, entry]);
  });

  test("an absent key has no entry", () => {
    const { map } = opened(10);
    expect([map.find("a"), map.peek("a"), map.delete("a")]).toEqual([undefined, undefined, false]);
  });

  test("it holds no more than maxEntries", () => {
    const { map, setFor } = opened(3);
    for (let index = 0; index < 100; index++) setFor(`${index}`, 10);
    expect(map.size).toBe(3);
  });

  test("the least recently used entry goes", () => {
    const { setFor, living } = opened(2);
    for (const key of ["a", "b", "c"]) setFor(key, never);
    expect(living("a", "b", "c")).toEqual(["b", "c"]);
  });

  test("find counts as a use", () => {
    const { map, setFor, living } = opened(2);
    for (const key of ["a", "b"]) setFor(key, never);
    map.find("a");
    setFor("c", never);
    expect(living("a", "b", "c")).toEqual(["a", "c"]);
  });

  test("a write counts as a use, and pushes no other out", () => {
    const { setFor, living } = opened(2);
    for (const key of ["a", "b", "a", "c"]) setFor(key, never);
    expect(living("a", "b", "c")).toEqual(["a", "c"]);
  });

  test("peek does not count as a use", () => {
    const { map, setFor, living } = opened(2);
    for (const key of ["a", "b"]) setFor(key, never);
    map.peek("a");
    setFor("c", never);
    expect(living("a", "b", "c")).toEqual(["b", "c"]);
  });

  test("listing the keys does not count as a use", () => {
    const { map, setFor, living } = opened(2);
    for (const key of ["a", "b"]) setFor(key, never);
    expect(map.keys().toSorted()).toEqual(["a", "b"]);
    setFor("c", never);
    expect(living("a", "b", "c")).toEqual(["b", "c"]);
  });

  test.each(["find", "peek"] as const)("%s sees an entry until its end", (look) => {
    const { clock, map, setFor } = opened(10);
    setFor("a", 10);
    clock.advance(9.5);
    expect(map[look]("a")).toBeDefined();
    clock.advance(0.5);
    expect(map[look]("a")).toBeUndefined();
  });

  test.each(["find", "peek"] as const)("%s frees the memory of a dead entry", (look) => {
    const { clock, map, setFor } = opened(10);
    setFor("a", 10);
    clock.advance(10);
    map[look]("a");
    expect(map.size).toBe(0);
  });

  test("an entry without an end stays", () => {
    const { clock, map, setFor } = opened(10);
    setFor("a", never);
    clock.advance(1e15);
    expect(map.peek("a")).toBeDefined();
  });

  test("the end of the last write counts", () => {
    const { clock, setFor, living } = opened(10);
    for (const [key, ms] of [
      ["a", never],
      ["b", 10],
      ["c", 10],
      ["a", 10],
      ["b", never],
      ["c", 20],
    ] as const) {
      setFor(key, ms);
    }
    clock.advance(10);
    expect(living("a", "b", "c")).toEqual(["b", "c"]);
  });

  test("what is dead already when it is set removes the entry", () => {
    const { map, setFor } = opened(10);
    setFor("a", 10);
    setFor("a", 0);
    expect([map.size, map.peek("a")]).toEqual([0, undefined]);
  });

  test("what is dead already when it is set pushes nothing out", () => {
    const { setFor, living } = opened(1);
    setFor("a", never);
    setFor("b", 0);
    expect(living("a", "b")).toEqual(["a"]);
  });

  test("a write sweeps dead entries that nobody looks at", () => {
    const { clock, map, setFor } = opened(10);
    for (const key of ["a", "b", "c"]) setFor(key, 10);
    clock.advance(10);
    setFor("d", never);
    expect(map.keys()).toEqual(["d"]);
  });

  test("in a full map a dead entry gives way before a living one", () => {
    const { clock, setFor, living } = opened(2);
    setFor("living", never);
    setFor("dead", 10);
    clock.advance(10);
    setFor("new", never);
    expect(living("living", "new")).toEqual(["living", "new"]);
  });

  test("dead entries do not pile up among living ones", () => {
    const { clock, map, setFor } = opened(10_000);
    for (let index = 0; index < 100; index++) setFor(`lasting ${index}`, 1e9);
    for (let index = 0; index < 2_000; index++) {
      setFor(`brief ${index}`, 10);
      clock.advance(1);
    }
    expect(map.size).toBeLessThan(250);
  });

  test("delete tells whether there was something", () => {
    const { map, setFor } = opened(10);
    setFor("a", 10);
    expect([map.delete("a"), map.delete("a")]).toEqual([true, false]);
  });

  test("after a clear it is as new", () => {
    const { clock, map, setFor, living } = opened(10);
    for (const key of ["a", "b"]) setFor(key, 10);
    map.clear();
    expect([map.size, map.keys()]).toEqual([0, []]);
    for (const key of ["b", "c"]) setFor(key, 10);
    expect(living("a", "b", "c")).toEqual(["b", "c"]);
    clock.advance(10);
    setFor("d", never);
    expect(map.size).toBe(1);
  });

  test("an entry is mortal where it is there and has an end", () => {
    const entries = [undefined, { value: 1, expiresAtMs: never }, { value: 1, expiresAtMs: 5 }];
    expect(entries.map(isMortal)).toEqual([false, false, true]);
  });
});
