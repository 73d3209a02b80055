import { describe, expect, test } from "vitest";
import { CommandExecutor } from "../commands/command-executor.ts";
import { pingCommand } from "../commands/key-commands.ts";
import { getCommand, setCommand, valuesAsBytes } from "../commands/value-commands.ts";
import type { NodeRedisClient } from "../connection/node-redis.ts";
import { OneServer } from "../topology/one-server.ts";
import { BorrowedNodeRedis, isNodeRedisClient } from "./borrowed-node-redis.ts";

type Send = NodeRedisClient["sendCommand"];

function clientThat(sendCommand: Send, isReady = true): NodeRedisClient {
  const never = (): never => {
    throw new Error("it is the user's");
  };
  const others = { connect: never, close: never, destroy: never, on: never, once: never };
  return { isReady, sendCommand, ...others };
}

const set = setCommand("a", "b", { lifetime: "forever" });

function commandsOver(client: NodeRedisClient, commandTimeoutMs = 100): CommandExecutor {
  const circuit = { threshold: 5, cooldownMs: 1_000 };
  const bounds = { commandTimeoutMs, maxCalls: 10, maxBytes: 1_000, circuit };
  return new CommandExecutor(new OneServer(new BorrowedNodeRedis(client, bounds)), bounds);
}

describe("a borrowed client", () => {
  test("is sent commands with its owner's defaults turned off", async () => {
    const seen: unknown[] = [];
    const client = clientThat(async (...given) => {
      seen.push(given);
      return given[0][0] === "PING" ? "PONG" : null;
    });
    await commandsOver(client).send(getCommand("key", valuesAsBytes));
    await commandsOver(client).send(pingCommand);
    expect(seen).toEqual([
      [["GET", "key"], { typeMapping: { 36: Buffer }, timeout: undefined }],
      [["PING"], { typeMapping: {}, timeout: undefined }],
    ]);
  });

  test("that is not connected is sent nothing", async () => {
    let sent = 0;
    const client = clientThat(async () => ++sent, false);
    await expect(commandsOver(client).send(set)).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      maybeApplied: false,
    });
    expect(sent).toBe(0);
  });

  test("that does not answer is waited for as long as the timeout", async () => {
    const commands = commandsOver(
      clientThat(() => new Promise(() => undefined)),
      10,
    );
    await expect(commands.send(set)).rejects.toMatchObject({
      code: "COMMAND_TIMEOUT",
      timeoutMs: 10,
      maybeApplied: true,
    });
  });

  test("that throws at once is a rejection like any other", async () => {
    const client = clientThat(() => {
      throw new Error("The client is closed");
    });
    await expect(commandsOver(client).send(getCommand("a", valuesAsBytes))).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
  });
});

describe("what counts as a node-redis client", () => {
  const client = { isReady: false, sendCommand() {}, withTypeMapping() {} };

  test("a client, connected or not", () => {
    expect([isNodeRedisClient(client), isNodeRedisClient({ ...client, isReady: true })]).toEqual([
      true,
      true,
    ]);
  });

  test.each([
    ["undefined", undefined],
    ["text", "redis://localhost"],
    ["a function", () => undefined],
    ["a cluster", { ...client, masters: [] }],
    ["a sentinel", { ...client, getSentinelNode() {} }],
    ["ioredis", { status: "ready", sendCommand() {}, call() {} }],
  ])("not %s", (_what, candidate) => {
    expect(isNodeRedisClient(candidate)).toBe(false);
  });
});
