import { expect, test } from "vitest";
import { InFlight } from "./in-flight.ts";

test("as many calls are let in as the bound says, and one more when one has left", () => {
  const inFlight = new InFlight({ maxCalls: 2, maxBytes: 100 });
  inFlight.enter(1, 0);
  expect(inFlight.reached).toBeUndefined();
  inFlight.enter(1, 0);
  expect(inFlight.reached).toBe("maxCalls");
  inFlight.leave(1, 0);
  expect(inFlight.reached).toBeUndefined();
});

test("what is larger than the bound is let in whole, and nothing beside it", () => {
  const inFlight = new InFlight({ maxCalls: 10, maxBytes: 100 });
  inFlight.enter(1, 99);
  expect(inFlight.reached).toBeUndefined();
  inFlight.enter(1, 5_000);
  expect(inFlight.reached).toBe("maxBytes");
  inFlight.leave(1, 5_000);
  expect(inFlight.reached).toBeUndefined();
});
