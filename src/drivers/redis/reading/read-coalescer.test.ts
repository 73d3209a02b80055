import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { BorrowedNodeRedis } from "../clients/borrowed-node-redis.ts";
import type { RedisArgument } from "../commands/command.ts";
import { CommandExecutor } from "../commands/command-executor.ts";
import { flushCommand, pingCommand, pttlCommand } from "../commands/key-commands.ts";
import { setCommand } from "../commands/value-commands.ts";
import type { NodeRedisClient } from "../connection/node-redis.ts";
import { OneServer } from "../topology/one-server.ts";
import { RedisReadsWithTtl } from "./reads-with-ttl.ts";
import { ReplyEncoding } from "./reply-encoding.ts";
import { ValueReads } from "./value-reads.ts";

type Args = readonly RedisArgument[];

/** A Redis in which each key holds its own name, unless `answer` says otherwise. */
function opened(answer?: (args: Args) => unknown, threshold = 5) {
  const sent: Args[] = [];
  const client = {
    isReady: true,
    async sendCommand(args: Args) {
      sent.push(args);
      return (answer ?? echo)(args);
    },
  } as unknown as NodeRedisClient; // the part of it that is used here
  const circuit = { threshold, cooldownMs: 60_000 };
  const bounds = { commandTimeoutMs: 20, maxCalls: 1_000, maxBytes: 100_000, circuit };
  const source = new BorrowedNodeRedis(client, bounds);
  const commands = new CommandExecutor(new OneServer(source), bounds);
  const reads = new ValueReads(commands, new ReplyEncoding()).coalescer;
  return { sent, commands, reads, timed: new RedisReadsWithTtl(commands), source };
}

function echo([name, ...keys]: Args): unknown {
  if (name === "PTTL") return 1_000;
  return name === "MGET" ? keys : keys[0];
}

async function replyOf(
  batch: { readonly place: number; readonly replies: Promise<readonly unknown[]> },
  place = batch.place,
): Promise<unknown> {
  return (await batch.replies)[place];
}

describe("reads of one turn", () => {
  test("of equal keys are one read, each caller's at its place", async () => {
    const { reads, sent } = opened();
    const replies = ["a", "b", "a", "c", "b"].map((key) => replyOf(reads.join(key)));
    expect(await Promise.all(replies)).toEqual(["a", "b", "a", "c", "b"]);
    expect(sent).toEqual([["MGET", "a", "b", "c"]]);
  });

  test("fill one batch after the other; a key is found in whichever it waits", async () => {
    const { reads, sent } = opened();
    const keys = Array.from({ length: 300 }, (_, at) => `key ${at}`);
    const replies = [...keys, ...keys.toReversed()].map((key) => replyOf(reads.join(key)));
    expect(await Promise.all(replies)).toEqual([...keys, ...keys.toReversed()]);
    expect(sent.map((args) => args.length - 1)).toEqual([128, 128, 44]);
  });

  test("of large values travel alone once they are known", async () => {
    const large = "x".repeat(70_000);
    const { reads, sent } = opened(([name, ...keys]) =>
      name === "MGET" ? keys.map((key) => (key === "big" ? large : key)) : large,
    );
    const round = (): Promise<unknown[]> =>
      Promise.all(["a", "big", "b", "big"].map((key) => replyOf(reads.join(key))));
    expect(await round()).toEqual(["a", large, "b", large]);
    expect(await round()).toEqual(["a", large, "b", large]);
    expect(sent).toEqual([
      ["MGET", "a", "big", "b"],
      ["MGET", "a", "b"],
      ["GET", "big"],
    ]);
  });
});

describe("a command in the same turn", () => {
  test.each([
    ["that writes a waiting key", setCommand("a", "1", { lifetime: "forever" }), true],
    ["that reads a waiting key", pttlCommand("a"), true],
    ["that writes to all keys", flushCommand, true],
    ["of another key", setCommand("other", "1", { lifetime: "forever" }), false],
    ["without a key that writes nothing", pingCommand, false],
  ])("%s sends the waiting reads first: %#", async (_what, command, isFirst) => {
    const { reads, timed, sent } = opened();
    const read = replyOf(reads.join("a"));
    const timedRead = timed.getWithTtl("a");
    reads.letPass(command);
    timed.coalescer.letPass(command);
    expect(sent.length > 0).toBe(isFirst);
    expect(reads.isWaiting).toBe(!isFirst);
    await Promise.all([read, timedRead.catch(() => undefined)]);
  });
});

describe("the places of coalesced calls", () => {
  const ways: readonly (readonly [string, ((args: Args) => unknown) | undefined])[] = [
    ["are answered", undefined],
    ["are refused by the server", () => Promise.reject(new Error("OOM no"))],
    ["get no answer", () => new Promise(() => undefined)],
  ];

  test.each(ways)("are free again once they %s", async (_how, answer) => {
    const { reads, timed, commands, source } = opened(answer);
    const calls = ["a", "b", "a", "a long key"].flatMap((key) => [
      replyOf(reads.join(key)),
      timed.getWithTtl(key),
    ]);
    expect(commands.calls).toBe(8);
    await Promise.allSettled(calls);
    await wait(0);
    expect([commands.calls, commands.bytes]).toEqual([0, 0]);
    source.close();
  });

  test("are free again once an open circuit has refused them", async () => {
    const { reads, timed, commands, source } = opened(() => new Promise(() => undefined), 1);
    await Promise.allSettled([replyOf(reads.join("a"))]);
    expect(source.breaker.isOpen).toBe(true);
    await Promise.allSettled([replyOf(reads.join("a")), timed.getWithTtl("b")]);
    await wait(0);
    expect([commands.calls, commands.bytes]).toEqual([0, 0]);
    source.close();
  });
});
