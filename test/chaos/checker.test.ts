import {
  type Cache,
  CacheMissError,
  CommandTimeoutError,
  createCache,
  DecodeError,
  ServerRefusedError,
  StoreUnavailableError,
} from "cachewell";
import { describe, expect, test } from "vitest";
import { Checker } from "./checker.mjs";
import { Random } from "./random.mjs";
import { isValueOf, valueOf } from "./values.mjs";

/** A checker on a clock that is turned by hand. */
function startedChecker() {
  const clock = { nowMs: 0, lateMs: 0 };
  const checker = new Checker({ now: () => clock.nowMs, lateMs: () => clock.lateMs });
  return { clock, checker };
}

function subjectOf(more: { ignoresErrors?: boolean; hasConnected?: boolean } = {}) {
  const cache: Cache = createCache({ location: "dummy:", keyPrefix: "plain" });
  const timeouts = { commandTimeoutMs: 500, connectTimeoutMs: 1_000 };
  return { name: "plain", cache, ignoresErrors: false, hasConnected: true, ...timeouts, ...more };
}

const get = { operation: "get", commands: 1 };
const timeout = () => new CommandTimeoutError(500, { operation: "INCR", maybeApplied: true });
const refusal = (reason: string) => new ServerRefusedError(reason, { operation: "SET" });
const rejecting = (error: unknown) => async () => {
  throw error; // oxlint-disable-line typescript/only-throw-error -- callers may throw anything
};

describe("the checker lets pass", () => {
  test.each([
    ["a store that is down", new StoreUnavailableError("gone", { operation: "GET" })],
    ["a command that timed out", timeout()],
    ["a server out of memory", refusal("OOM")],
  ])("%s", async (_, error) => {
    const { checker } = startedChecker();
    await checker.watch(subjectOf(), get, rejecting(error));
    expect(checker.findings.lines()).toEqual([]);
    expect(checker).toMatchObject({ calls: 1, settled: 1, succeeded: 0, pending: 0 });
  });

  test("an error that the operation is known for", async () => {
    const { checker } = startedChecker();
    const call = { operation: "decr", commands: 2, mayFailWith: ["CACHE_MISS"] };
    await checker.watch(subjectOf(), call, rejecting(new CacheMissError({ key: "a" })));
    expect(checker.findings.lines()).toEqual([]);
  });

  test("a call that took its bound, and what the event loop was late", async () => {
    const { clock, checker } = startedChecker();
    await checker.watch(subjectOf(), { ...get, commands: 2, moreMs: 30 }, async () => {
      clock.nowMs += 1_030 + 400;
      clock.lateMs += 400;
    });
    expect(checker.findings.lines()).toEqual([]);
    expect(checker.longestBeyondMs).toBe(0);
  });

  test("a damaged value amid garbage", async () => {
    const { checker } = startedChecker();
    checker.garbage(true);
    await checker.watch(subjectOf(), get, rejecting(new DecodeError("damaged")));
    expect(checker.findings.lines()).toEqual([]);
  });
});

describe("the checker finds", () => {
  test.each([
    ["a bug", new TypeError("x is not a function")],
    ["a refusal that nothing here explains", refusal("ERR")],
    ["a miss from a call that documents no miss", new CacheMissError({ key: "a" })],
    ["a damaged value without garbage", new DecodeError("damaged")],
    ["something that is no error", "text"],
  ])("%s", async (_, error) => {
    const { checker } = startedChecker();
    await checker.watch(subjectOf(), get, rejecting(error));
    expect(checker.findings.count("an error that is not documented")).toBe(1);
  });

  test("an error that was to be ignored", async () => {
    const { checker } = startedChecker();
    await checker.watch(subjectOf({ ignoresErrors: true }), get, rejecting(timeout()));
    expect(checker.findings.count("ignoreErrors did not ignore")).toBe(1);
  });

  test.each([
    ["a command's", { hasConnected: true }, 500],
    ["the first call's", { hasConnected: false }, 1_100],
  ])("a wait beyond %s bound", async (_, more, boundMs) => {
    const { clock, checker } = startedChecker();
    const wait = (ms: number) => async () => {
      clock.nowMs += ms;
    };
    await checker.watch(subjectOf(more), get, wait(boundMs + 150));
    expect(checker.findings.count()).toBe(0);
    await checker.watch(subjectOf(more), get, wait(boundMs + 151));
    expect(checker.findings.count("a call took longer than its bound")).toBe(1);
  });

  test("a call that does not end", async () => {
    const { clock, checker } = startedChecker();
    void checker.watch(subjectOf(), get, () => new Promise(() => undefined));
    clock.nowMs = 5_500;
    checker.judgeOpen(5_000);
    expect(checker.findings.count()).toBe(0);
    clock.nowMs = 5_501;
    checker.judgeOpen(5_000);
    expect(checker.findings.count("a call never settled")).toBe(1);
  });

  test("a value of another key, of another cache, or of nobody", () => {
    const { checker } = startedChecker();
    const random = new Random(1);
    checker.read(subjectOf(), "a", valueOf("plain", "a", random));
    checker.read(subjectOf(), "a", undefined);
    expect(checker.findings.count()).toBe(0);
    checker.read(subjectOf(), "a", valueOf("plain", "b", random));
    checker.read(subjectOf(), "a", valueOf("other", "a", random));
    checker.read(subjectOf(), "a", 7);
    expect(checker.findings.count("a reply reached another caller")).toBe(3);
  });

  test("a value that was cut, or damaged within", () => {
    const value = { owner: "plain/a", size: 3, filling: "xxx" };
    expect(isValueOf("plain", "a", value)).toBe(true);
    expect(isValueOf("plain", "a", { ...value, filling: "xx" })).toBe(false);
    expect(isValueOf("plain", "a", { ...value, filling: "x?x" })).toBe(false);
  });

  test("an answer of another shape", () => {
    const { checker } = startedChecker();
    checker.shape(subjectOf(), "has", false, "OK");
    expect(checker.findings.count("an answer has the wrong shape")).toBe(1);
  });

  test("a cache that does not recover within two seconds", async () => {
    const { clock, checker } = startedChecker();
    const [quick, slow, dead] = [subjectOf(), subjectOf(), subjectOf()];
    checker.healed();
    await checker.watch(quick, get, async () => "value");
    clock.nowMs = 2_001;
    await checker.watch(slow, get, async () => "value");
    await checker.watch(dead, get, rejecting(timeout()));
    checker.disturbed([quick, slow, dead]);
    expect(checker.findings.count("a cache took too long to recover")).toBe(2);
  });

  test("no fallback as a recovery", async () => {
    const { clock, checker } = startedChecker();
    const subject = subjectOf({ ignoresErrors: true });
    checker.healed();
    for (const fallback of [undefined, false, 0, null, new Map()]) {
      await checker.watch(subject, get, async () => fallback);
    }
    clock.nowMs = 3_000;
    checker.disturbed([subject]);
    expect(checker.findings.count("a cache took too long to recover")).toBe(1);
  });

  test("no fault in a cache whose healthy stretch was too short to recover", () => {
    const { clock, checker } = startedChecker();
    checker.healed();
    clock.nowMs = 1_999;
    checker.disturbed([subjectOf()]);
    expect(checker.findings.count()).toBe(0);
  });
});
