import { describe, test } from "vitest";
import { ManualClock, testLockerContract } from "../../testing/index.ts";
import { MemoryLocker } from "./memory-locker.ts";

const clock = new ManualClock();

testLockerContract(
  { describe, test },
  {
    name: "memory",
    open: async () => new MemoryLocker({ clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);
