import { describe, expect, test } from "vitest";
import { CircuitBreaker } from "./circuit-breaker.ts";

function circuit(threshold = 3) {
  const clock = { nowMs: 0 };
  const told: unknown[] = [];
  const breaker = new CircuitBreaker({ threshold, cooldownMs: 1_000 }, () => clock.nowMs);
  const listener = {
    circuitOpened: (cause: unknown) => void told.push(cause),
    circuitClosed: () => void told.push("closed"),
  };
  breaker.listen(listener);
  const fail = (times: number): void => {
    for (let time = 1; time <= times; time++) breaker.failed(`failure ${time}`);
  };
  return { breaker, clock, told, fail, listener };
}

describe("a circuit breaker", () => {
  test("lets calls through while fewer fail in a row than its threshold", () => {
    const { breaker, told, fail } = circuit();
    fail(2);
    breaker.succeeded();
    fail(2);
    expect([breaker.isOpen, breaker.admits(), told]).toEqual([false, true, []]);
  });

  test("opens with the failure that reaches the threshold, and tells once", () => {
    const { breaker, told, fail } = circuit();
    fail(10);
    expect([breaker.isOpen, breaker.admits(), told]).toEqual([true, false, ["failure 3"]]);
    expect(breaker.cause).toBe("failure 10");
  });

  test("closes with the first success, and tells once", () => {
    const { breaker, told, fail } = circuit();
    fail(3);
    breaker.succeeded();
    breaker.succeeded();
    expect([breaker.isOpen, breaker.admits()]).toEqual([false, true]);
    expect(told).toEqual(["failure 3", "closed"]);
    expect(breaker.cause).toBeUndefined();
  });

  test("while open, lets one call through per cooldown", () => {
    const { breaker, clock, fail } = circuit();
    fail(3);
    const admitted: number[] = [];
    for (clock.nowMs = 0; clock.nowMs < 3_500; clock.nowMs += 100) {
      if (breaker.admits()) admitted.push(clock.nowMs);
    }
    expect(admitted).toEqual([1_000, 2_000, 3_000]);
  });

  test("a call let through that fails leaves it open", () => {
    const { breaker, clock, told, fail } = circuit();
    fail(3);
    clock.nowMs = 1_000;
    breaker.admits();
    fail(1);
    expect([breaker.isOpen, breaker.admits(), told]).toEqual([true, false, ["failure 3"]]);
  });

  test("after it has closed it takes as many failures again to open it", () => {
    const { breaker, told, fail } = circuit();
    fail(3);
    breaker.succeeded();
    fail(2);
    expect(breaker.isOpen).toBe(false);
    fail(1);
    expect(told).toEqual(["failure 3", "closed", "failure 1"]);
  });

  test("with an infinite threshold it never opens", () => {
    const { breaker, told, fail } = circuit(Number.POSITIVE_INFINITY);
    fail(1_000);
    expect([breaker.admits(), told]).toEqual([true, []]);
  });

  test("who begins to listen while others are told is told once", () => {
    const { breaker, fail } = circuit();
    const told: unknown[] = [];
    const late = {
      circuitOpened: (cause: unknown) => void told.push(cause),
      circuitClosed: () => undefined,
    };
    breaker.listen({
      circuitOpened: () => breaker.listen(late),
      circuitClosed: () => undefined,
    });
    fail(3);
    expect(told).toEqual(["failure 3"]);
  });

  test("who begins to listen while it is open is told at once, who has left no more", () => {
    const { breaker, told, fail, listener } = circuit();
    fail(3);
    breaker.unlisten(listener);
    const late: unknown[] = [];
    breaker.listen({
      circuitOpened: (cause) => void late.push(cause),
      circuitClosed: () => void late.push("closed"),
    });
    breaker.succeeded();
    expect([told, late]).toEqual([["failure 3"], ["failure 3", "closed"]]);
  });
});
