import { describe, expect, test } from "vitest";
import { WriteOrder } from "./write-order.ts";

/** A write that leaves when the test says so. */
function gate(): { readonly promise: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const promise = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { promise, open: () => open() };
}

/** Notes what leaves, in its order. */
function noting(): {
  readonly left: string[];
  readonly task: (name: string) => () => Promise<string>;
} {
  const left: string[] = [];
  const task = (name: string) => async (): Promise<string> => {
    left.push(name);
    return name;
  };
  return { left, task };
}

describe("a write order", () => {
  test("of which nothing waits is idle, and runs what it gets at once", async () => {
    const order = new WriteOrder();
    const { left, task } = noting();
    const results = [order.after(["a"], task("read")), order.afterAll(task("flush"))];
    expect(left).toEqual(["read", "flush"]);
    expect(await Promise.all(results)).toEqual(["read", "flush"]);
    expect(order.isIdle).toBe(true);
    expect(order.pending("a")).toBeUndefined();
  });

  test("lets what concerns other keys go first, and nothing else", async () => {
    const order = new WriteOrder();
    const { left, task } = noting();
    const write = gate();
    order.add("a", write.promise);
    const first = order.after(["a", "b"], task("reads a and b"));
    const results = [
      first,
      order.after(["b"], task("deletes b")),
      order.after(["c"], task("reads c")),
    ];
    expect(left).toEqual(["reads c"]);
    write.open();
    await Promise.all(results);
    expect(left).toEqual(["reads c", "reads a and b", "deletes b"]);
    expect(order.isIdle).toBe(true);
  });

  test("holds what comes after a flush until that has left", async () => {
    const order = new WriteOrder();
    const { left, task } = noting();
    const [write, late] = [gate(), gate()];
    order.add("a", write.promise);
    const results = [order.afterAll(task("flush")), order.after(["b"], task("writes b"))];
    order.add("a", Promise.all([late.promise, order.pending("a")]));
    results.push(order.after(["a"], task("reads a")), order.afterAll(task("scan")));
    results.push(order.after(["b"], task("reads b")));
    write.open();
    await results[1];
    expect(left).toEqual(["flush", "writes b"]);
    late.open();
    await Promise.all(results);
    expect(left).toEqual(["flush", "writes b", "reads a", "scan", "reads b"]);
    expect(order.isIdle).toBe(true);
  });

  test("a write that never leaves, since it failed, holds up nothing", async () => {
    const order = new WriteOrder();
    const { task } = noting();
    order.add("a", Promise.reject(new Error("cannot be encoded")));
    expect(await order.after(["a"], task("read"))).toBe("read");
    order.add("a", Promise.reject(new Error("cannot be encoded")));
    expect(await order.afterAll(task("flush"))).toBe("flush");
    expect(order.isIdle).toBe(true);
  });
});
