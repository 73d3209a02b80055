import { describe, expect, test } from "vitest";
import { BorrowedClient } from "./borrowed-client.ts";
import { isNodeRedisClient } from "./node-redis.ts";
import type { NodeRedisClient } from "./redis-commands.ts";

type Send = NodeRedisClient["sendCommand"];

function clientThat(sendCommand: Send, isReady = true): NodeRedisClient {
  const never = (): never => {
    throw new Error("it is the user's");
  };
  return { isReady, sendCommand, connect: never, close: never, destroy: never, on: never };
}

describe("a borrowed client", () => {
  test("is sent commands with its owner's defaults turned off", async () => {
    const seen: unknown[] = [];
    const client = clientThat(async (...given) => seen.push(given));
    await new BorrowedClient(client, 100).send(["GET", "key"], "bytes");
    await new BorrowedClient(client, 100).send(["PING"]);
    expect(seen).toEqual([
      [["GET", "key"], { typeMapping: { 36: Buffer }, timeout: undefined }],
      [["PING"], { typeMapping: {}, timeout: undefined }],
    ]);
  });

  test("that is not connected is sent nothing", async () => {
    let sent = 0;
    const client = clientThat(async () => ++sent, false);
    await expect(new BorrowedClient(client, 100).send(["SET", "a", "b"])).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
      maybeApplied: false,
    });
    expect(sent).toBe(0);
  });

  test("that does not answer is waited for as long as the timeout", async () => {
    const client = clientThat(() => new Promise(() => undefined));
    await expect(new BorrowedClient(client, 10).send(["SET", "a", "b"])).rejects.toMatchObject({
      code: "COMMAND_TIMEOUT",
      timeoutMs: 10,
      maybeApplied: true,
    });
  });

  test("that throws at once is a rejection like any other", async () => {
    const client = clientThat(() => {
      throw new Error("The client is closed");
    });
    await expect(new BorrowedClient(client, 10).send(["GET", "a"])).rejects.toMatchObject({
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
