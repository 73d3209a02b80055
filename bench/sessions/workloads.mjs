/** @typedef {{ title: string, writeEvery: number, goal: number | undefined }} Workload */

/**
 * What requests do, and how many requests a store of ours is to answer beside connect-redis.
 *
 * @type {readonly Workload[]}
 */
export const workloads = [
  { title: "untouched: reads one field", writeEvery: 0, goal: 1.1 },
  { title: "written: changes a counter", writeEvery: 1, goal: 1 },
  { title: "9 untouched to 1 written", writeEvery: 10, goal: undefined },
];
