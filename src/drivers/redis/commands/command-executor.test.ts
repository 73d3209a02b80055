import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { CircuitBreaker, type CircuitRules } from "../../../kit/circuit-breaker.ts";
import { CircuitProbe } from "../connection/circuit-probe.ts";
import type { NodeRedisClient } from "../connection/node-redis.ts";
import { NodeRedisConnection } from "../connection/node-redis-connection.ts";
import { OneServer } from "../topology/one-server.ts";
import type { Command, RedisArgument } from "./command.ts";
import { type CommandBounds, CommandExecutor } from "./command-executor.ts";
import type { ConnectionSource } from "./connection-source.ts";
import { pttlCommand, scanCommand } from "./key-commands.ts";
import { integerOrWordReply } from "./reply-types.ts";
import {
  getCommand,
  mgetCommand,
  setCommand,
  valuesAsBytes,
  valuesAsText,
} from "./value-commands.ts";

/** What a client was sent, to be answered by the test. */
interface Sent {
  readonly args: readonly RedisArgument[];
  readonly answer: (reply: unknown) => void;
  readonly fail: (error: Error) => void;
}

interface Desk {
  readonly commands: CommandExecutor;
  readonly breaker: CircuitBreaker;
  readonly sent: Sent[];
  readonly losses: string[];
  /** How often another connection was asked for. */
  readonly renewals: () => number;
  /** Ends the probes. */
  readonly close: () => void;
}

/** Commands over a client that answers when the test says so: what no real server can be made to do. */
function desk(
  bounds: Partial<CommandBounds & CircuitRules & { renews: boolean; openAfterMs: number }> = {},
): Desk {
  const { threshold = 3, cooldownMs = 60_000, commandTimeoutMs = 30, renews = false } = bounds;
  const { openAfterMs = 0 } = bounds;
  const { maxCalls = 100, maxBytes = 10_000 } = bounds;
  const sent: Sent[] = [];
  const losses: string[] = [];
  let renewals = 0;
  const client = {
    isReady: true,
    sendCommand: (args: readonly RedisArgument[]) =>
      new Promise((answer, fail) => sent.push({ args, answer, fail })),
    destroy: () => undefined,
    on: () => undefined,
  } as unknown as NodeRedisClient; // the part of it that is used here
  const connect = (): NodeRedisConnection =>
    new NodeRedisConnection(client, {
      answerMs: commandTimeoutMs,
      own: {
        pingEveryMs: 60_000,
        pingsOnlyIdle: true,
        lost(because) {
          losses.push(because.message);
          connection = connect();
        },
      },
    });
  let connection = connect();
  const breaker = new CircuitBreaker({ threshold, cooldownMs });
  const source: ConnectionSource = {
    breaker,
    get current() {
      return openAfterMs > 0 ? undefined : connection;
    },
    openTimeoutMs: commandTimeoutMs,
    open: async () => {
      if (openAfterMs > 0) await wait(openAfterMs);
      return connection;
    },
    renew: () => {
      renewals += 1;
      return renews;
    },
  };
  const probe = async (): Promise<void> => (await source.open(), connection.ping());
  const prober = new CircuitProbe(breaker, { probe, pauseMs: () => 0 });
  const routes = new OneServer(source);
  const commands = new CommandExecutor(routes, { commandTimeoutMs, maxCalls, maxBytes });
  return {
    commands,
    breaker,
    sent,
    losses,
    renewals: () => renewals,
    close: () => prober.stop(),
  };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

function get(key: string): ReturnType<typeof getCommand> {
  return getCommand(key, valuesAsText);
}

function set(key: string, value = "1"): Command<boolean> {
  return setCommand(key, value, { lifetime: "forever" });
}

function counting(...words: string[]): Command {
  const args = ["EVALSHA", "x"];
  return { args, firstKey: 0, keyCount: 0, isWrite: true, reply: integerOrWordReply(words) };
}

describe("an answer", () => {
  test("that comes in time is the caller's", async () => {
    const { commands, sent } = desk();
    const call = commands.send(pttlCommand("key"));
    sent[0]?.answer(5);
    expect(await call).toBe(5);
  });

  test.each<readonly [string, Command, unknown]>([
    ["a number where OK is due", set("key", "x"), 7],
    ["text where a number is due", pttlCommand("key"), "7"],
    ["not a whole number", pttlCommand("key"), Number.NaN],
    ["one value too few", mgetCommand(["a", "b"], valuesAsBytes), [null]],
    ["numbers where values are due", mgetCommand(["a"], valuesAsBytes), [1]],
    ["a cursor that is none", scanCommand("0", "*", 1), ["x", []]],
    ["keys that are no text", scanCommand("0", "*", 1), ["0", [1]]],
    ["a word that no script says", counting("absent"), "OK"],
    ["nothing where a count is due", counting("absent"), null],
  ])("%s is doubt: the connection is given up", async (_what, command, reply) => {
    const { commands, sent, losses } = desk();
    const call = failureOf(commands.send(command));
    sent[0]?.answer(reply);
    expect(await call).toMatchObject({
      code: "STORE_UNAVAILABLE",
      maybeApplied: command.isWrite,
    });
    expect(losses).toEqual(["the server's answer fits no question"]);
  });

  test("that comes too late goes nowhere, and is no success", async () => {
    const { commands, breaker, sent, losses, close } = desk({ threshold: 1 });
    const slow = commands.send(get("slow"));
    const quick = commands.send(get("quick"));
    sent[1]?.answer("quick");
    expect(await quick).toBe("quick");
    expect(await failureOf(slow)).toMatchObject({ code: "COMMAND_TIMEOUT", timeoutMs: 30 });
    sent[0]?.answer("slow");
    await wait(0);
    expect([breaker.isOpen, losses]).toEqual([true, []]);
    close();
  });
});

describe("several commands of one call", () => {
  const writes = ["a", "b", "c", "d", "e"].map((key) => set(key));

  test("leave so many keys at once, the next when those are answered", async () => {
    const { commands, sent } = desk();
    const each = commands.sendEach(writes, { keysAtOnce: 2 });
    for (const expected of [2, 4, 5]) {
      expect(sent).toHaveLength(expected);
      for (const one of sent) one.answer("OK");
      await wait(0);
    }
    expect(await each).toEqual([true, true, true, true, true]);
  });

  test("count the keys that they name, not themselves; none is split", async () => {
    const { commands, sent } = desk();
    const reads = [["a", "b", "c"], ["d"], ["e", "f"]].map((keys) =>
      mgetCommand(keys, valuesAsText),
    );
    const each = commands.sendEach(reads, { keysAtOnce: 2 });
    for (const [at, values] of [
      [0, ["1", "2", "3"]],
      [1, ["4"]],
      [2, ["5", "6"]],
    ] as const) {
      expect(sent).toHaveLength(at + 1);
      sent[at]?.answer(values);
      await wait(0);
    }
    expect(await each).toEqual([["1", "2", "3"], ["4"], ["5", "6"]]);
  });

  test("are one failure for the circuit when they time out", async () => {
    const { commands, breaker } = desk({ threshold: 2 });
    await failureOf(commands.sendEach(writes, { keysAtOnce: 10 }));
    await wait(5);
    expect(breaker.isOpen).toBe(false);
  });

  test("keep the replies of those that worked, beside the error of one that did not", async () => {
    const { commands, sent } = desk();
    const each = commands.sendEach(writes, { keysAtOnce: 10 });
    sent[0]?.answer("OK");
    sent[1]?.fail(new Error("OOM no"));
    sent[2]?.fail(new Error("LOADING soon"));
    for (const one of sent) one.answer("OK");
    expect(await each).toMatchObject([
      true,
      { code: "SERVER_REFUSED", reason: "OOM" },
      { code: "STORE_UNAVAILABLE", reason: "LOADING", maybeApplied: false },
      true,
      true,
    ]);
  });

  test("keep the replies that came in time; only the others may have been applied", async () => {
    const { commands, sent } = desk({ threshold: 100 });
    const each = commands.sendEach(writes, { keysAtOnce: 10 });
    for (const one of sent.slice(0, 3)) one.answer("OK");
    const late = { code: "COMMAND_TIMEOUT", maybeApplied: true };
    expect(await each).toMatchObject([true, true, true, late, late]);
  });

  test("are not sent after a portion that failed, and fail as it did", async () => {
    const { commands, sent } = desk({ threshold: 100 });
    const each = commands.sendEach(writes, { keysAtOnce: 2 });
    for (const one of sent) one.answer("OK");
    const late = { code: "COMMAND_TIMEOUT" };
    expect(await each).toMatchObject([true, true, late, late, late]);
    expect(sent).toHaveLength(4);
  });

  test("fail as a whole where none of them was done", async () => {
    const { commands } = desk({ threshold: 100 });
    expect(await failureOf(commands.sendEach(writes, { keysAtOnce: 10 }))).toMatchObject({
      code: "COMMAND_TIMEOUT",
      maybeApplied: true,
    });
  });

  test("that read have nothing that may have been applied", async () => {
    const { commands, sent } = desk();
    const reads = [["a"], ["b"]].map((keys) => mgetCommand(keys, valuesAsText));
    const each = commands.sendEach(reads, { keysAtOnce: 1 });
    sent[0]?.answer([null]);
    await wait(0);
    sent[1]?.fail(new Error("LOADING soon"));
    expect(await each).toMatchObject([[undefined], { reason: "LOADING", maybeApplied: false }]);
  });

  test("go elsewhere as far as a replica refused them", async () => {
    const { commands, sent } = desk({ renews: true });
    const each = commands.sendEach(writes.slice(0, 3), { keysAtOnce: 10 });
    sent[0]?.answer("OK");
    sent[1]?.fail(new Error("READONLY You can't write against a read only replica."));
    sent[2]?.fail(new Error("READONLY You can't write against a read only replica."));
    await wait(0);
    expect(sent.map(({ args }) => args[1])).toEqual(["a", "b", "c", "b", "c"]);
    for (const one of sent.slice(3)) one.answer("OK");
    expect(await each).toEqual([true, true, true]);
  });
});

describe("a server that does not answer", () => {
  test("is unresponsive when nothing has come since the question: the connection is given up", async () => {
    const { commands, losses } = desk();
    expect(await failureOf(commands.send(set("a")))).toMatchObject({
      code: "COMMAND_TIMEOUT",
      maybeApplied: true,
    });
    expect(losses).toEqual(["the server fell silent"]);
  });

  test("is not judged before an answer has had its whole time, however little a caller had left", async () => {
    const { commands, sent, losses } = desk({ commandTimeoutMs: 60, openAfterMs: 50 });
    expect(await failureOf(commands.send(get("a")))).toMatchObject({
      code: "COMMAND_TIMEOUT",
    });
    await wait(25);
    expect(losses).toEqual([]);
    sent[0]?.answer("late, and in time for the link");
    await wait(60);
    expect(losses).toEqual([]);
  });

  test("but answers others has as long once more, and no longer", async () => {
    const { commands, sent, losses } = desk({ threshold: 100 });
    const stuck = failureOf(commands.send(get("stuck")));
    const others = commands.send(get("other"));
    sent[1]?.answer("x");
    await others;
    expect(await stuck).toMatchObject({ code: "COMMAND_TIMEOUT" });
    expect(losses).toEqual([]);
    const another = commands.send(get("another"));
    sent[2]?.answer("x");
    await another;
    await wait(60);
    expect(losses).toEqual(["the server's answers come too late"]);
  });
});

describe("what is in flight", () => {
  test("is bounded in calls: one more is refused, unsent, until another is answered", async () => {
    const { commands, sent } = desk({ maxCalls: 2 });
    const calls = [commands.send(get("a")), commands.send(get("b"))];
    expect(await failureOf(commands.send(get("c")))).toMatchObject({
      code: "OVERLOADED",
      option: "maxPending",
      max: 2,
    });
    expect(sent).toHaveLength(2);
    sent[0]?.answer("a");
    await calls[0];
    const next = commands.send(get("c"));
    for (const { answer } of sent) answer("x");
    await Promise.all([...calls, next]);
  });

  test("is bounded in bytes, of what there is to send", async () => {
    const { commands, sent } = desk({ maxBytes: 1_000 });
    const large = commands.send(set("a", "x".repeat(5_000)));
    expect(await failureOf(commands.send(get("b")))).toMatchObject({
      code: "OVERLOADED",
      option: "maxPendingBytes",
      max: 1_000,
    });
    sent[0]?.answer("OK");
    await large;
    const small = commands.send(get("b"));
    sent[1]?.answer("x");
    expect(await small).toBe("x");
  });

  test("gives a place back with the timeout, and once only", async () => {
    const { commands, sent } = desk({ maxCalls: 1, threshold: 100 });
    await failureOf(commands.send(get("a")));
    const second = failureOf(commands.send(get("b")));
    sent[0]?.answer("late");
    await wait(0);
    expect(await failureOf(commands.send(get("c")))).toMatchObject({
      code: "OVERLOADED",
    });
    await second;
  });

  test("counts many commands of one call as one, until the last is answered", async () => {
    const { commands, sent } = desk({ maxCalls: 1 });
    const each = commands.sendEach(["a", "b", "c"].map(pttlCommand), { keysAtOnce: 10 });
    sent[0]?.answer(0);
    sent[1]?.answer(1);
    await wait(0);
    expect(await failureOf(commands.send(get("d")))).toMatchObject({
      code: "OVERLOADED",
    });
    sent[2]?.answer(2);
    expect(await each).toEqual([0, 1, 2]);
  });

  test("no overload opens the circuit", async () => {
    const { commands, breaker, sent } = desk({ maxCalls: 1, threshold: 1 });
    const call = commands.send(get("a"));
    for (let more = 0; more < 10; more++) await failureOf(commands.send(get("b")));
    expect(breaker.isOpen).toBe(false);
    sent[0]?.answer("a");
    await call;
  });
});

describe("the circuit", () => {
  test("opens after failures in a row; calls then fail at once, unsent, with the cause", async () => {
    const { commands, breaker, sent, close } = desk({ threshold: 2 });
    const calls = [commands.send(get("a")), commands.send(get("b"))];
    await Promise.all(calls.map(failureOf));
    expect(breaker.isOpen).toBe(true);
    const error = await failureOf(commands.send(set("c")));
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", maybeApplied: false });
    expect((error as Error).cause).toMatchObject({ code: "COMMAND_TIMEOUT" });
    expect(sent.filter(({ args }) => args[0] === "SET")).toEqual([]); // probes may be
    close();
  });

  test("is closed by the first probe that is answered", async () => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    await failureOf(commands.send(get("a")));
    await wait(5);
    expect(sent.at(-1)?.args).toEqual(["PING"]);
    sent.at(-1)?.answer("PONG");
    await wait(0);
    expect(breaker.isOpen).toBe(false);
    await wait(60);
    expect(sent.filter(({ args }) => args[0] === "PING")).toHaveLength(1);
  });

  test("is closed by a probe that the server refuses: it is there", async () => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    await failureOf(commands.send(get("a")));
    await wait(5);
    sent.at(-1)?.fail(new Error("LOADING Redis is loading the dataset in memory"));
    await wait(0);
    expect(breaker.isOpen).toBe(false);
  });

  test("is probed again and again while no answer comes", async () => {
    const { commands, sent, close } = desk({ threshold: 1, commandTimeoutMs: 10 });
    await failureOf(commands.send(get("a")));
    await wait(300);
    const probes = sent.filter(({ args }) => args[0] === "PING").length;
    expect(probes).toBeGreaterThan(2);
    close();
    await wait(60);
    const stopped = sent.length;
    await wait(60);
    expect(sent).toHaveLength(stopped);
  });

  test("is probed no more once it is closed, whatever fails then", async () => {
    const { breaker, sent, close } = desk({ threshold: 1 });
    close();
    breaker.failed(new Error("an attempt to connect was given up"));
    await wait(20);
    expect([breaker.isOpen, sent]).toEqual([true, []]);
  });

  test.each([
    "OOM command not allowed when used memory > 'maxmemory'.",
    "WRONGTYPE Operation against a key holding the wrong kind of value",
    "LOADING Redis is loading the dataset in memory",
    "BUSY Redis is busy running a script.",
    "NOPERM this user has no permissions",
  ])("does not open for an answer, whatever it says: %s", async (answer) => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    const call = failureOf(commands.send(set("a")));
    sent[0]?.fail(new Error(answer));
    await call;
    expect(breaker.isOpen).toBe(false);
  });
});

describe("a server that says that it is a replica", () => {
  const readonly = "READONLY You can't write against a read only replica.";

  test("is left, and the command sent once more where the name leads now", async () => {
    const { commands, sent } = desk({ renews: true });
    const call = commands.send(set("a"));
    sent[0]?.fail(new Error(readonly));
    await wait(0);
    expect(sent).toHaveLength(2);
    sent[1]?.answer("OK");
    expect(await call).toBe(true);
  });

  test("twice is the answer: nothing is sent a third time", async () => {
    const { commands, sent, renewals } = desk({ renews: true });
    const call = failureOf(commands.send(set("a")));
    sent[0]?.fail(new Error(readonly));
    await wait(0);
    sent[1]?.fail(new Error(readonly));
    expect(await call).toMatchObject({
      code: "STORE_UNAVAILABLE",
      reason: "READONLY",
      maybeApplied: false,
    });
    expect([sent.length, renewals()]).toEqual([2, 1]);
  });

  test("where there is no other, that is the answer", async () => {
    const { commands, sent } = desk({ renews: false });
    const call = failureOf(commands.send(set("a")));
    sent[0]?.fail(new Error(readonly));
    expect(await call).toMatchObject({ reason: "READONLY" });
    expect(sent).toHaveLength(1);
  });
});

test("a lost connection is for its source to count, not for every call on it", async () => {
  const { commands, breaker, sent } = desk({ threshold: 3 });
  const calls = ["a", "b", "c"].map((key) => failureOf(commands.send(get(key))));
  for (const { fail } of sent) fail(new Error("read ECONNRESET"));
  await Promise.all(calls);
  expect(breaker.isOpen).toBe(false);
});
