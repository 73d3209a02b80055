import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { runAfter } from "./timer.ts";

const dayMs = 86_400_000;

describe("timer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test.each([5, dayMs, 24 * dayMs, 25 * dayMs, 200 * dayMs])("it acts once, after %i ms", (ms) => {
    const action = vi.fn<() => void>();
    runAfter(ms, action);
    vi.advanceTimersByTime(ms - 1);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(400 * dayMs);
    expect(action).toHaveBeenCalledOnce();
  });

  test("a moment that has passed is now, and no negative wait", () => {
    const waits = vi.spyOn(globalThis, "setTimeout");
    const action = vi.fn<() => void>();
    runAfter(-5, action);
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
    expect(waits.mock.calls[0]?.[1]).toBe(0);
  });

  test.each([5, 200 * dayMs])("called off, it does not act after %i ms", (ms) => {
    const action = vi.fn<() => void>();
    const callOff = runAfter(ms, action);
    vi.advanceTimersByTime(ms - 1);
    callOff();
    vi.advanceTimersByTime(400 * dayMs);
    expect(action).not.toHaveBeenCalled();
  });
});
