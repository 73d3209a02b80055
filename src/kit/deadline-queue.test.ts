import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Deadline, DeadlineQueue } from "./deadline-queue.ts";

class Bell implements Deadline {
  dueAtMs = 0;
  earlier: Deadline | undefined = undefined;
  later: Deadline | undefined = undefined;
  queue: DeadlineQueue | undefined = undefined;
  readonly #ring: () => void;

  constructor(ring: () => void) {
    this.#ring = ring;
  }

  expire(): void {
    this.#ring();
  }

  cancel(): void {
    this.queue?.remove(this);
  }
}

/** A queue whose deadlines write down their names, and when they expired. */
function watched() {
  const queue = new DeadlineQueue();
  const rung: [name: string, atMs: number][] = [];
  const add = (name: string, ms: number): Bell => {
    const bell = new Bell(() => rung.push([name, performance.now()]));
    queue.add(bell, ms);
    return bell;
  };
  return { queue, rung, add, names: () => rung.map(([name]) => name) };
}

describe("a queue of deadlines", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("a deadline expires at its moment, not before", () => {
    const { add, names } = watched();
    add("a", 100);
    vi.advanceTimersByTime(99);
    expect(names()).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(names()).toEqual(["a"]);
  });

  test("a cancelled one never expires; cancelling twice is harmless", () => {
    const { add, names } = watched();
    const [first, second, third] = [add("a", 10), add("b", 10), add("c", 10)];
    second.cancel();
    second.cancel();
    vi.advanceTimersByTime(50);
    expect(names()).toEqual(["a", "c"]);
    expect([first.queue, second.queue, third.queue]).toEqual([undefined, undefined, undefined]);
  });

  test("one timer serves all, however many come and go", () => {
    const { add } = watched();
    for (let round = 0; round < 1_000; round++) add(`${round}`, 100).cancel();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(200);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("a shorter one is not late for having come after a longer one", () => {
    const { add, rung } = watched();
    const startMs = performance.now();
    add("long", 1_000);
    add("short", 20);
    vi.advanceTimersByTime(2_000);
    expect(rung.map(([name, atMs]) => [name, Math.round((atMs - startMs) / 10) * 10])).toEqual([
      ["short", 20],
      ["long", 1_000],
    ]);
  });

  test("an expired one may wait again", () => {
    const { queue, rung, add } = watched();
    const bell = add("again", 10);
    vi.advanceTimersByTime(15);
    queue.add(bell, 10);
    vi.advanceTimersByTime(15);
    expect(rung).toHaveLength(2);
  });

  test("one that is added, or cancelled, by another's expiry is heeded", () => {
    const { queue, add, names } = watched();
    let late: Bell | undefined;
    const first = new Bell(() => {
      late?.cancel();
      add("added", 5);
    });
    queue.add(first, 10);
    late = add("late", 10);
    vi.advanceTimersByTime(30);
    expect(names()).toEqual(["added"]);
  });

  test("whatever is added and cancelled, each left expires once, in order, within a turn of its moment", () => {
    const step = fc.record({
      afterMs: fc.nat(30),
      ms: fc.integer({ min: 1, max: 200 }),
      cancels: fc.option(fc.nat(20), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { add, rung } = watched();
        const bells: { readonly bell: Bell; readonly name: string; readonly dueAtMs: number }[] =
          [];
        const cancelled = new Set<string>();
        for (const [index, { afterMs, ms, cancels }] of steps.entries()) {
          vi.advanceTimersByTime(afterMs);
          const name = `${index}`;
          bells.push({ bell: add(name, ms), name, dueAtMs: performance.now() + ms });
          const victim = cancels === undefined ? undefined : bells[cancels];
          if (victim?.bell.queue) cancelled.add(victim.name);
          victim?.bell.cancel();
        }
        vi.advanceTimersByTime(1_000);
        const expected = bells.filter(({ name }) => !cancelled.has(name));
        expect(new Set(rung.map(([name]) => name))).toEqual(new Set(expected.map((b) => b.name)));
        expect(rung).toHaveLength(expected.length);
        for (const [name, atMs] of rung) {
          const dueAtMs = bells[Number(name)]?.dueAtMs ?? 0;
          expect(atMs).toBeGreaterThanOrEqual(dueAtMs);
          expect(atMs).toBeLessThanOrEqual(dueAtMs + 5);
        }
      }),
    );
  });
});

test("after a blocked event loop, what has arrived is read before anything expires", async () => {
  const { queue, names } = watched();
  const bell = new Bell(() => names().push("expired"));
  queue.add(bell, 20);
  const arrived = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(bell.queue !== undefined), 25);
  });
  const until = performance.now() + 60;
  while (performance.now() < until); // both timers are due when the loop goes on
  expect(await arrived).toBe(true);
});
