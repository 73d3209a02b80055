/** What requests do, and what a store of ours is to reach, in requests beside connect-redis. */
export const workloads = [
  { title: "untouched: reads one field", writeEvery: 0, goal: 1.1 },
  { title: "written: changes a counter", writeEvery: 1, goal: 1 },
  { title: "9 untouched to 1 written", writeEvery: 10, goal: undefined },
];
