import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { TurnQueue } from "./turn-queue.ts";

test("tasks run in their order, a portion in each turn", async () => {
  const queue = new TurnQueue();
  const done: number[] = [];
  for (let task = 0; task < 1_050; task++) queue.add(() => done.push(task));
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
  const queue = new TurnQueue();
  const done: string[] = [];
  queue.add(() => {
    done.push("first");
    queue.add(() => done.push("second"));
  });
  await turn();
  await turn();
  expect(done).toEqual(["first", "second"]);
  queue.add(() => done.push("third"));
  await turn();
  expect(done).toEqual(["first", "second", "third"]);
});
