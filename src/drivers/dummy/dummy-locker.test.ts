import { describe, test } from "vitest";
import { ManualClock, testLockerContract } from "../../testing/index.ts";
import { DummyLocker } from "./dummy-locker.ts";

const clock = new ManualClock();

testLockerContract(
  { describe, test },
  {
    name: "dummy",
    open: async () => new DummyLocker({ clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);
