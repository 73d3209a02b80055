import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Portions } from "./portions.ts";

test("tasks run in their order, a portion in each turn", async () => {
  const portions = new Portions();
  const done: number[] = [];
  for (let task = 0; task < 1_050; task++) portions.add(() => done.push(task));
  expect(done).toEqual([]);
  const counts: number[] = [];
  while (done.length < 1_050) {
    await turn();
    counts.push(done.length);
  }
  expect(done).toEqual(Array.from({ length: 1_050 }, (_, task) => task));
  expect(counts.length).toBeGreaterThanOrEqual(10);
});

test("a task that is added by another has its turn", async () => {
  const portions = new Portions();
  const done: string[] = [];
  portions.add(() => {
    done.push("first");
    portions.add(() => done.push("second"));
  });
  await turn();
  await turn();
  expect(done).toEqual(["first", "second"]);
  portions.add(() => done.push("third"));
  await turn();
  expect(done).toEqual(["first", "second", "third"]);
});
