import { expect, test } from "vitest";
import { StoreUnavailableError } from "../../contracts/errors.ts";
import { callBack } from "./callbacks.ts";

/** Returns the arguments that a callback gets. */
function outcomeOf(task: Promise<unknown>): Promise<readonly unknown[]> {
  return new Promise((resolve) => callBack(task, (...args) => resolve(args)));
}

test("a callback gets null and the result", async () => {
  expect(await outcomeOf(Promise.resolve("red"))).toEqual([null, "red"]);
});

test("a callback gets the store's error with the status that it means", async () => {
  const error = new StoreUnavailableError("gone", { operation: "get" });
  const [got] = await outcomeOf(Promise.reject(error));
  expect(got).toBe(error);
  expect(got).toMatchObject({ status: 503, statusCode: 503 });
});

test("a callback gets any other error as it is", async () => {
  const error = new TypeError("a bug");
  expect(await outcomeOf(Promise.reject(error))).toEqual([error, undefined]);
  expect(error).not.toHaveProperty("status");
});

test("what comes afterwards runs after the callback, and without one", async () => {
  const steps: string[] = [];
  const add = (step: string) => () => void steps.push(step);
  callBack(Promise.resolve(), add("callback"), add("afterwards"));
  callBack(Promise.resolve(), undefined, add("alone"));
  await new Promise(setImmediate);
  expect(steps).toEqual(["callback", "afterwards", "alone"]);
});
