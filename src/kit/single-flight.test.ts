import { describe, expect, test } from "vitest";
import { type Flight, SingleFlight } from "./single-flight.ts";

describe("single flight", () => {
  test("who arrives meanwhile shares the outcome", async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const task = async (): Promise<number> => ++runs;
    expect(await Promise.all([flights.run("a", task), flights.run("a", task)])).toEqual([1, 1]);
    expect(runs).toBe(1);
  });

  test("keys are independent", async () => {
    const flights = new SingleFlight<string>();
    const both = [flights.run("a", async () => "a"), flights.run("b", async () => "b")];
    expect(await Promise.all(both)).toEqual(["a", "b"]);
  });

  test("the next caller after the end starts anew", async () => {
    const flights = new SingleFlight<number>();
    await flights.run("a", async () => 1);
    expect(await flights.run("a", async () => 2)).toBe(2);
    expect(flights.join("a")).toBeUndefined();
  });

  test("a failure is shared, then forgotten", async () => {
    const flights = new SingleFlight<number>();
    const failing = [0, 1].map(() => flights.run("a", () => Promise.reject(new RangeError("x"))));
    for (const flight of failing) await expect(flight).rejects.toThrow(RangeError);
    expect(await flights.run("a", async () => 2)).toBe(2);
  });

  test("join gives the outcome of a task that runs, and starts none", async () => {
    const flights = new SingleFlight<number>();
    expect(flights.join("a")).toBeUndefined();
    void flights.run("a", async () => 1);
    expect(await flights.join("a")).toBe(1);
  });

  test.each([
    ["forget", (flights: SingleFlight<number>) => flights.forget("a")],
    ["forgetAll", (flights: SingleFlight<number>) => flights.forgetAll()],
  ])("after %s nobody joins, and the task goes on for those who have", async (_name, forget) => {
    const flights = new SingleFlight<number>();
    let flight: Flight | undefined;
    const first = flights.run("a", async (own) => {
      flight = own;
      return 1;
    });
    expect(flight?.isCurrent()).toBe(true);
    forget(flights);
    expect(flight?.isCurrent()).toBe(false);
    const second = flights.run("a", async () => 2);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
  });

  test("the end of a forgotten task leaves the one that came after it", async () => {
    const flights = new SingleFlight<number>();
    const first = flights.run("a", async () => 1);
    flights.forget("a");
    const second = flights.run("a", () => new Promise<number>(() => {}));
    await first;
    expect(flights.join("a")).toBe(second);
  });
});
