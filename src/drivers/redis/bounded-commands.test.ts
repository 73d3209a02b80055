import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { CircuitBreaker, type CircuitRules } from "../../kit/circuit-breaker.ts";
import { BoundedCommands, type CommandBounds } from "./bounded-commands.ts";
import type { Carrier, Link } from "./carrier.ts";
import type { NodeRedisClient, RedisCommand, ReplyForm } from "./redis-commands.ts";
import {
  bytesPerKeyReply,
  digitsOrWordReply,
  integerReply,
  scanReply,
  statusReply,
} from "./reply-forms.ts";
import { PlainSender } from "./sender.ts";

const anyReply: ReplyForm = {
  options: { typeMapping: {}, timeout: undefined },
  fits: () => true,
};

/** What a client was sent, to be answered by the test. */
interface Sent {
  readonly command: RedisCommand;
  readonly answer: (reply: unknown) => void;
  readonly fail: (error: Error) => void;
}

interface Desk {
  readonly commands: BoundedCommands;
  readonly breaker: CircuitBreaker;
  readonly sent: Sent[];
  readonly losses: string[];
  /** How often another link was asked for. */
  readonly renewals: () => number;
}

/** Commands over a client that answers when it is told to: what no real server can be made to do. */
function desk(
  bounds: Partial<CommandBounds & CircuitRules & { renews: boolean; linkAfterMs: number }> = {},
): Desk {
  const { threshold = 3, cooldownMs = 60_000, commandTimeoutMs = 30, renews = false } = bounds;
  const { linkAfterMs = 0 } = bounds;
  const { maxCalls = 100, maxBytes = 10_000 } = bounds;
  const sent: Sent[] = [];
  const losses: string[] = [];
  let renewals = 0;
  const client = {
    isReady: true,
    sendCommand: (command: RedisCommand) =>
      new Promise((answer, fail) => sent.push({ command, answer, fail })),
  } as unknown as NodeRedisClient; // the part of it that is used here
  const linkOf = (): Link => ({
    client,
    sender: new PlainSender(client),
    answers: 0,
    lostBecause: undefined,
    lose(because) {
      Object.assign(this, { lostBecause: because });
      losses.push(because.message);
      link = linkOf();
    },
  });
  let link = linkOf();
  const carrier: Carrier = {
    get link() {
      return linkAfterMs > 0 ? undefined : link;
    },
    linkTimeoutMs: commandTimeoutMs,
    pauseMs: 0,
    linked: async () => {
      if (linkAfterMs > 0) await wait(linkAfterMs);
      return link;
    },
    renew: () => {
      renewals += 1;
      return renews;
    },
  };
  const breaker = new CircuitBreaker({ threshold, cooldownMs });
  const commands = new BoundedCommands(carrier, breaker, { commandTimeoutMs, maxCalls, maxBytes });
  return { commands, breaker, sent, losses, renewals: () => renewals };
}

async function failureOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => "no failure",
    (error: unknown) => error,
  );
}

describe("an answer", () => {
  test("that comes in time is the caller's", async () => {
    const { commands, sent } = desk();
    const call = commands.send(["PTTL", "key"], integerReply);
    sent[0]?.answer(5);
    expect(await call).toBe(5);
  });

  test.each([
    ["a number where OK is due", ["SET", "key", "x"], statusReply, 7],
    ["text where a number is due", ["PTTL", "key"], integerReply, "7"],
    ["not a whole number", ["PTTL", "key"], integerReply, Number.NaN],
    ["one value too few", ["MGET", "a", "b"], bytesPerKeyReply, [null]],
    ["numbers where values are due", ["MGET", "a"], bytesPerKeyReply, [1]],
    ["a cursor that is none", ["SCAN", "0"], scanReply, ["x", []]],
    ["keys that are no text", ["SCAN", "0"], scanReply, ["0", [1]]],
    ["a word that no script says", ["EVALSHA", "x"], digitsOrWordReply(["absent"]), "OK"],
    ["nothing where a count is due", ["EVALSHA", "x"], digitsOrWordReply(["absent"]), null],
  ])("%s is doubt: the connection is given up", async (_what, command, form, reply) => {
    const { commands, sent, losses } = desk();
    const call = failureOf(commands.send(command, form));
    sent[0]?.answer(reply);
    expect(await call).toMatchObject({
      code: "STORE_UNAVAILABLE",
      maybeApplied: command[0] === "SET" || command[0] === "EVALSHA",
    });
    expect(losses).toEqual(["the server's answer fits no question"]);
  });

  test("that comes too late goes nowhere, and is no success", async () => {
    const { commands, breaker, sent, losses } = desk({ threshold: 1 });
    const slow = commands.send(["GET", "slow"], anyReply);
    const quick = commands.send(["GET", "quick"], anyReply);
    sent[1]?.answer("quick");
    expect(await quick).toBe("quick");
    expect(await failureOf(slow)).toMatchObject({ code: "COMMAND_TIMEOUT", timeoutMs: 30 });
    sent[0]?.answer("slow");
    await wait(0);
    expect([breaker.isOpen, losses]).toEqual([true, []]);
    commands.close();
  });
});

describe("several commands of one call", () => {
  const questions = ["a", "b", "c", "d", "e"].map((key) => ["SET", key, "1"]);

  test("go so many at once, the next when those are answered", async () => {
    const { commands, sent } = desk();
    const many = commands.sendMany(questions, statusReply, { atOnce: 2 });
    for (const expected of [2, 4, 5]) {
      expect(sent).toHaveLength(expected);
      for (const one of sent) one.answer("OK");
      await wait(0);
    }
    expect(await many).toHaveLength(5);
  });

  test("are one failure for the circuit when they time out", async () => {
    const { commands, breaker } = desk({ threshold: 2 });
    await failureOf(commands.sendMany(questions, statusReply, { atOnce: 10 }));
    await wait(5);
    expect(breaker.isOpen).toBe(false);
  });

  test.each([
    ["OOM no", "SERVER_REFUSED", undefined],
    ["LOADING soon", "STORE_UNAVAILABLE", true],
  ])(
    "fail as the one that fails, %s, which tells that others may be done",
    async (said, code, maybeApplied) => {
      const { commands, sent } = desk();
      const many = failureOf(commands.sendMany(questions, statusReply, { atOnce: 10 }));
      sent[0]?.answer("OK");
      sent[1]?.fail(new Error(said));
      expect(await many).toMatchObject({ code, ...(maybeApplied && { maybeApplied }) });
      for (const one of sent) one.answer("OK");
    },
  );

  test("reads have nothing that may be done", async () => {
    const { commands, sent } = desk();
    const many = failureOf(
      commands.sendMany(
        [
          ["MGET", "a"],
          ["MGET", "b"],
        ],
        bytesPerKeyReply,
        { atOnce: 1 },
      ),
    );
    sent[0]?.answer([null]);
    await wait(0);
    sent[1]?.fail(new Error("LOADING soon"));
    expect(await many).toMatchObject({ reason: "LOADING", maybeApplied: false });
  });
});

describe("a server that does not answer", () => {
  test("is silent when nothing has come since the question: the connection is given up", async () => {
    const { commands, losses } = desk();
    expect(await failureOf(commands.send(["SET", "a", "1"], statusReply))).toMatchObject({
      code: "COMMAND_TIMEOUT",
      maybeApplied: true,
    });
    expect(losses).toEqual(["the server fell silent"]);
  });

  test("is not judged before an answer has had its whole time, however little a caller had left", async () => {
    const { commands, sent, losses } = desk({ commandTimeoutMs: 60, linkAfterMs: 50 });
    expect(await failureOf(commands.send(["GET", "a"], anyReply))).toMatchObject({
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
    const stuck = failureOf(commands.send(["GET", "stuck"], anyReply));
    const others = commands.send(["GET", "other"], anyReply);
    sent[1]?.answer("x");
    await others;
    expect(await stuck).toMatchObject({ code: "COMMAND_TIMEOUT" });
    expect(losses).toEqual([]);
    const another = commands.send(["GET", "another"], anyReply);
    sent[2]?.answer("x");
    await another;
    await wait(60);
    expect(losses).toEqual(["the server's answers come too late"]);
  });
});

describe("what is in flight", () => {
  test("is bounded in calls: one more is refused, unsent, until another is answered", async () => {
    const { commands, sent } = desk({ maxCalls: 2 });
    const calls = [commands.send(["GET", "a"], anyReply), commands.send(["GET", "b"], anyReply)];
    expect(await failureOf(commands.send(["GET", "c"], anyReply))).toMatchObject({
      code: "OVERLOADED",
      option: "maxPending",
      max: 2,
    });
    expect(sent).toHaveLength(2);
    sent[0]?.answer("a");
    await calls[0];
    const next = commands.send(["GET", "c"], anyReply);
    for (const { answer } of sent) answer("x");
    await Promise.all([...calls, next]);
  });

  test("is bounded in bytes, of what there is to send", async () => {
    const { commands, sent } = desk({ maxBytes: 1_000 });
    const large = commands.send(["SET", "a", "x".repeat(5_000)], statusReply);
    expect(await failureOf(commands.send(["GET", "b"], anyReply))).toMatchObject({
      code: "OVERLOADED",
      option: "maxPendingBytes",
      max: 1_000,
    });
    sent[0]?.answer("OK");
    await large;
    const small = commands.send(["GET", "b"], anyReply);
    sent[1]?.answer("x");
    expect(await small).toBe("x");
  });

  test("gives a place back with the timeout, and once only", async () => {
    const { commands, sent } = desk({ maxCalls: 1, threshold: 100 });
    await failureOf(commands.send(["GET", "a"], anyReply));
    const second = failureOf(commands.send(["GET", "b"], anyReply));
    sent[0]?.answer("late");
    await wait(0);
    expect(await failureOf(commands.send(["GET", "c"], anyReply))).toMatchObject({
      code: "OVERLOADED",
    });
    await second;
  });

  test("counts many commands of one call as one, until the last is answered", async () => {
    const { commands, sent } = desk({ maxCalls: 1 });
    const questions = ["a", "b", "c"].map((key) => ["PTTL", key]);
    const many = commands.sendMany(questions, integerReply, { atOnce: 10 });
    sent[0]?.answer(0);
    sent[1]?.answer(1);
    await wait(0);
    expect(await failureOf(commands.send(["GET", "d"], anyReply))).toMatchObject({
      code: "OVERLOADED",
    });
    sent[2]?.answer(2);
    expect(await many).toEqual([0, 1, 2]);
  });

  test("no overload opens the circuit", async () => {
    const { commands, breaker, sent } = desk({ maxCalls: 1, threshold: 1 });
    const call = commands.send(["GET", "a"], anyReply);
    for (let more = 0; more < 10; more++) await failureOf(commands.send(["GET", "b"], anyReply));
    expect(breaker.isOpen).toBe(false);
    sent[0]?.answer("a");
    await call;
  });
});

describe("the circuit", () => {
  test("opens after failures in a row; calls then fail at once, unsent, with the cause", async () => {
    const { commands, breaker, sent } = desk({ threshold: 2 });
    const calls = [commands.send(["GET", "a"], anyReply), commands.send(["GET", "b"], anyReply)];
    await Promise.all(calls.map(failureOf));
    expect(breaker.isOpen).toBe(true);
    const error = await failureOf(commands.send(["SET", "c", "1"], statusReply));
    expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", maybeApplied: false });
    expect((error as Error).cause).toMatchObject({ code: "COMMAND_TIMEOUT" });
    expect(sent.filter(({ command }) => command[0] === "SET")).toEqual([]); // probes may be
    commands.close();
  });

  test("is closed by the first probe that is answered", async () => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    await failureOf(commands.send(["GET", "a"], anyReply));
    await wait(5);
    expect(sent.at(-1)?.command).toEqual(["PING"]);
    sent.at(-1)?.answer("PONG");
    await wait(0);
    expect(breaker.isOpen).toBe(false);
    await wait(60);
    expect(sent.filter(({ command }) => command[0] === "PING")).toHaveLength(1);
  });

  test("is closed by a probe that the server refuses: it is there", async () => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    await failureOf(commands.send(["GET", "a"], anyReply));
    await wait(5);
    sent.at(-1)?.fail(new Error("LOADING Redis is loading the dataset in memory"));
    await wait(0);
    expect(breaker.isOpen).toBe(false);
  });

  test("is probed again and again while no answer comes", async () => {
    const { commands, sent } = desk({ threshold: 1, commandTimeoutMs: 10 });
    await failureOf(commands.send(["GET", "a"], anyReply));
    await wait(300);
    const probes = sent.filter(({ command }) => command[0] === "PING").length;
    expect(probes).toBeGreaterThan(2);
    commands.close();
    await wait(60);
    const stopped = sent.length;
    await wait(60);
    expect(sent).toHaveLength(stopped);
  });

  test("is probed no more once it is closed, whatever fails then", async () => {
    const { commands, breaker, sent } = desk({ threshold: 1 });
    commands.close();
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
    const call = failureOf(commands.send(["SET", "a", "1"], statusReply));
    sent[0]?.fail(new Error(answer));
    await call;
    expect(breaker.isOpen).toBe(false);
  });
});

describe("a server that says that it is a replica", () => {
  const readonly = "READONLY You can't write against a read only replica.";

  test("is left, and the command sent once more where the name leads now", async () => {
    const { commands, sent } = desk({ renews: true });
    const call = commands.send(["SET", "a", "1"], statusReply);
    sent[0]?.fail(new Error(readonly));
    await wait(0);
    expect(sent).toHaveLength(2);
    sent[1]?.answer("OK");
    expect(await call).toBe("OK");
  });

  test("twice is the answer: nothing is sent a third time", async () => {
    const { commands, sent, renewals } = desk({ renews: true });
    const call = failureOf(commands.send(["SET", "a", "1"], statusReply));
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
    const call = failureOf(commands.send(["SET", "a", "1"], statusReply));
    sent[0]?.fail(new Error(readonly));
    expect(await call).toMatchObject({ reason: "READONLY" });
    expect(sent).toHaveLength(1);
  });
});

test("a lost connection is for its carrier to count, not for every call on it", async () => {
  const { commands, breaker, sent } = desk({ threshold: 3 });
  const calls = ["a", "b", "c"].map((key) => failureOf(commands.send(["GET", key], anyReply)));
  for (const { fail } of sent) fail(new Error("read ECONNRESET"));
  await Promise.all(calls);
  expect(breaker.isOpen).toBe(false);
});
