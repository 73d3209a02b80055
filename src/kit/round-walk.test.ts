import { describe, expect, test } from "vitest";
import { RoundWalk } from "./round-walk.ts";

describe("round walk", () => {
  test("an empty collection has no next item", () => {
    expect(new RoundWalk(new Set()).next()).toBeUndefined();
  });

  test("after the last item comes the first", () => {
    const walk = new RoundWalk(new Set(["a", "b"]));
    expect([walk.next(), walk.next(), walk.next()]).toEqual(["a", "b", "a"]);
  });

  test("an item removed before its turn is passed by", () => {
    const items = new Set(["a", "b", "c"]);
    const walk = new RoundWalk(items);
    walk.next();
    items.delete("b");
    expect(walk.next()).toBe("c");
  });

  test("an item added meanwhile is met", () => {
    const items = new Set<string>();
    const walk = new RoundWalk(items);
    walk.next();
    items.add("late");
    expect(walk.next()).toBe("late");
  });

  test("a cleared collection has no next item", () => {
    const items = new Set(["a", "b"]);
    const walk = new RoundWalk(items);
    walk.next();
    items.clear();
    expect(walk.next()).toBeUndefined();
  });
});
