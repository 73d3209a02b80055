import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NodeRedisClient } from "./node-redis.ts";
import { NodeRedisConnection } from "./node-redis-connection.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** Watches a client that answers pings as `answer` does. Returns why the connection was given up, if it was. */
async function reasonsAfterAPing(answer: () => Promise<unknown>): Promise<string[]> {
  const client = {
    isReady: true,
    sendCommand: answer,
    destroy: () => undefined,
    on: () => undefined,
  } as unknown as NodeRedisClient; // the part of it that is used here
  const reasons: string[] = [];
  const connection = new NodeRedisConnection(client, {
    answerMs: 100,
    own: {
      pingEveryMs: 1_000,
      pingsOnlyIdle: false,
      lost: ({ message }) => reasons.push(message),
    },
  });
  await vi.advanceTimersByTimeAsync(1_500);
  expect(connection.lostBecause?.message).toBe(reasons[0]);
  return reasons;
}

describe("a connection of ours that is pinged", () => {
  test("stays while the server answers, whatever it says", async () => {
    expect(await reasonsAfterAPing(async () => "PONG")).toEqual([]);
    const loading = new Error("LOADING Redis is loading the dataset in memory");
    expect(await reasonsAfterAPing(() => Promise.reject(loading))).toEqual([]);
  });

  test("is given up where its client was ended, though no event said so", async () => {
    const closed = new Error("The client is closed");
    expect(await reasonsAfterAPing(() => Promise.reject(closed))).toEqual(["The client is closed"]);
  });

  test("is given up where the server does not answer, or answers another question", async () => {
    const silence = ["the server fell silent"];
    expect(await reasonsAfterAPing(() => new Promise(() => undefined))).toEqual(silence);
    expect(await reasonsAfterAPing(async () => "OK")).toEqual(silence);
  });
});
