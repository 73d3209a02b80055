import {
  type Cache,
  CommandTimeoutError,
  createCache,
  type Lock,
  StoreUnavailableError,
} from "cachewell";
import { describe, expect, test } from "vitest";
import { Counters, CounterTally } from "./counters.mjs";
import { FaultSchedule, faultKinds } from "./faults.mjs";
import { Findings } from "./findings.mjs";
import { LockBook } from "./locks.mjs";
import { handlesMore } from "./vitals.mjs";

const timeout = () => new CommandTimeoutError(500, { operation: "INCR", maybeApplied: true });

function countingSubject() {
  const cache: Cache = createCache({ location: "dummy:", keyPrefix: "plain" });
  const timeouts = { commandTimeoutMs: 500, connectTimeoutMs: 1_000 };
  return { name: "plain", cache, ignoresErrors: false, hasConnected: true, ...timeouts };
}

describe("a tally of a counter", () => {
  /** Three answers, one call that may have been applied, and one that was not sent. */
  function talliedCalls() {
    const tally = new CounterTally();
    for (let call = 0; call < 5; call++) tally.began();
    for (const sum of [1, 2, 4]) tally.answered(sum);
    tally.failed(timeout());
    tally.failed(new StoreUnavailableError("unsent", { operation: "INCR" }));
    return tally;
  }

  test.each([
    [4, []],
    [5, ["more was counted than may have been applied"]],
    [3, ["an answer was above the count"]],
    [2, ["less was counted than was answered", "an answer was above the count"]],
  ])("with %i on the server", (count, wrongs) => {
    const judged = talliedCalls().judge(count);
    expect(judged.map((wrong) => wrong.split(":")[0])).toEqual(wrongs);
  });

  test("finds an answer that came twice", () => {
    const tally = new CounterTally();
    for (const sum of [1, 1, 2]) {
      tally.began();
      tally.answered(sum);
    }
    expect(tally.judge(2)).toEqual(["1 answers came twice"]);
  });

  test("finds a call that has not ended", () => {
    const tally = new CounterTally();
    tally.began();
    expect(tally.judge(0).join()).toMatch(/^1 calls have not ended/);
  });

  test("takes the fallback of an ignored error as a call that may have been applied", () => {
    const tally = new CounterTally();
    tally.began();
    tally.answered(0);
    expect([tally.judge(0), tally.judge(1)]).toEqual([[], []]);
  });
});

describe("the counters", () => {
  /** Counts once, lets a server say `count`, and returns how many counters were found wrong. */
  async function wrongsWith(count: string, meanwhile?: (counters: Counters) => void) {
    const findings = new Findings();
    const counters = new Counters(findings);
    const { tally } = counters.current(countingSubject());
    tally.began();
    tally.answered(1);
    meanwhile?.(counters);
    const asked: string[][] = [];
    await counters.finish(async (...args) => {
      asked.push(args);
      return count;
    });
    return { wrongs: findings.count("a counter is wrong"), asked };
  }

  test("are compared with what the server has under their keys", async () => {
    expect(await wrongsWith("1")).toEqual({ wrongs: 0, asked: [["MGET", "plain:1:count:1"]] });
    expect(await wrongsWith("2")).toMatchObject({ wrongs: 1 });
    expect(await wrongsWith("")).toMatchObject({ wrongs: 2 });
  });

  test("are not judged where the server lost its data", async () => {
    expect(await wrongsWith("", (counters) => counters.dataLost())).toEqual({
      wrongs: 0,
      asked: [],
    });
  });
});

describe("the lock book", () => {
  const lockWith = (fence: number, isHeld = true) => ({ fence, isHeld: () => isHeld }) as Lock; // all that it looks at

  test("finds two who hold one lock, and a fence that does not grow", () => {
    const findings = new Findings();
    const book = new LockBook(findings, () => 0);
    book.took("a", lockWith(1), 0);
    book.took("b", lockWith(1), 0);
    expect(findings.count()).toBe(0);
    book.took("a", lockWith(2), 0);
    expect(findings.count("two held one lock")).toBe(1);
    book.took("b", lockWith(1, false), 0);
    expect(findings.count("a fence did not grow")).toBe(1);
  });

  test("lets pass a lock after one that was given back, or whose server lost its data", () => {
    const findings = new Findings();
    let epoch = 0;
    const book = new LockBook(findings, () => epoch);
    const first = lockWith(1);
    book.took("a", first, epoch);
    book.givesBack(first);
    book.took("a", lockWith(2), epoch);
    epoch += 1;
    book.took("a", lockWith(1), epoch);
    expect(findings.lines()).toEqual([]);
  });
});

describe("the schedule", () => {
  const stepsOf = (seed: number) => {
    const schedule = new FaultSchedule(seed);
    return Array.from({ length: 60 }, () => schedule.next());
  };

  test("is the same for the same seed, and another for another", () => {
    expect(stepsOf(7)).toEqual(stepsOf(7));
    expect(stepsOf(7)).not.toEqual(stepsOf(8));
  });

  test("has every kind of fault before it has one for the second time", () => {
    const kinds = stepsOf(7)
      .slice(0, faultKinds.length)
      .map(({ faults }) => faults[0]?.kind ?? "none");
    expect(kinds.toSorted()).toEqual(faultKinds.toSorted());
  });
});

test("handles of a kind that has more than before are reported", () => {
  expect(
    handlesMore({ Timeout: 2, PipeWrap: 1 }, { Timeout: 1, PipeWrap: 2, ProcessWrap: 1 }),
  ).toEqual(["PipeWrap: 1, now 2", "ProcessWrap: 0, now 1"]);
});
