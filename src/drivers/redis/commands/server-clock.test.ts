import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ServerClock } from "./server-clock.ts";

const startMs = Date.parse("2026-03-01T12:00:00.000Z");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Asks a clock, and has it answered after a while by a server that says `serverMs`. */
function answerAfter(clock: ServerClock, tookMs: number, serverMs: number): void {
  const answer = clock.ask();
  vi.advanceTimersByTime(tookMs);
  answer(serverMs);
}

describe("the clock of a server", () => {
  test("is not known before it was told, and for ten seconds after that", () => {
    const clock = new ServerClock();
    expect(clock.isKnown).toBe(false);
    answerAfter(clock, 2, startMs);
    vi.advanceTimersByTime(9_999);
    expect(clock.isKnown).toBe(true);
    vi.advanceTimersByTime(1);
    expect(clock.isKnown).toBe(false);
  });

  test("goes on by itself, from the middle of the time that the answer took", () => {
    const clock = new ServerClock();
    answerAfter(clock, 10, startMs);
    expect(clock.now()).toBeCloseTo(startMs + 5, 3);
    vi.advanceTimersByTime(1_000);
    expect(clock.now()).toBeCloseTo(startMs + 1_005, 3);
  });

  test("counts for the moment alone where the answer took long, and is late rather than early", () => {
    const clock = new ServerClock();
    answerAfter(clock, 500, startMs);
    expect(clock.now()).toBeCloseTo(startMs, 3);
    expect(clock.isKnown).toBe(false);
  });

  test("is not set by an answer that took long where another did not", () => {
    const clock = new ServerClock();
    const slow = clock.ask();
    answerAfter(clock, 2, startMs);
    vi.advanceTimersByTime(300);
    slow(startMs + 100);
    expect(clock.now()).toBeCloseTo(startMs + 301, 3);
    expect(clock.isKnown).toBe(true);
  });
});
