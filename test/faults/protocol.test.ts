import { describe, expect, test } from "vitest";
import { StoreUnavailableError } from "../../src/contracts/errors.ts";
import { failureOf } from "../support/failure.ts";
import { openCache } from "../support/open-cache.ts";
import { startedProxy } from "../support/proxies.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";

const timeoutMs = 300;
/** What a busy test machine may add. */
const slackMs = 1_500;

/** What a server, or whoever speaks in its place, may say instead of a value. */
const nonsense: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["a line that is no RESP", Buffer.from("?? what\r\n")],
  ["HTTP", Buffer.from("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")],
  ["zeros", Buffer.alloc(100)],
  ["random bytes", Buffer.from("8f1d00ff7e2a90c3", "hex")],
  ["a status for a value", Buffer.from("+OK\r\n")],
  ["a number for a value", Buffer.from(":1\r\n")],
  ["a list for a value", Buffer.from("*1\r\n$1\r\nx\r\n")],
  ["a terabyte to come", Buffer.from("$1099511627776\r\nx")],
  ["a length that is no number", Buffer.from("$12ab\r\nhello\r\n")],
  ["a list of a billion", Buffer.from("*1000000000\r\n$1\r\nx\r\n")],
  ["a list longer than any", Buffer.from("*99999999999999\r\n$1\r\nx\r\n")],
  ["200,000 lists within lists", Buffer.from("*1\r\n".repeat(200_000))],
  ["a million lists within lists, never closed", Buffer.from("*2\r\n".repeat(1_000_000))],
  ["a reply without an end", Buffer.from("$5\r\nhel")],
  ["an error without an end", Buffer.from("-ERR ")],
  ["a value and one more than was asked for", Buffer.from("$5\r\nhello\r\n$5\r\nworld\r\n")],
];

describe("a server that answers with nonsense", () => {
  test.each(nonsense)("%s: an error in time, a new connection, no harm", async (_what, bytes) => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    const cache = openCache({
      location: proxy.url(),
      commandTimeout: `${timeoutMs}ms`,
      serializer: "json",
    });
    await cache.set("key", "value");
    const heapBefore = process.memoryUsage().heapUsed;
    proxy.inject({ kind: "garbage", bytes });
    const calls = [1, 2, 3].map(() => failureOf(() => cache.get("key")));
    for (const { error, tookMs } of await Promise.all(calls)) {
      expect(error).toMatchObject({ code: expect.stringMatching(/^(STORE_UN|COMMAND_T|DECODE)/) });
      expect(tookMs).toBeLessThan(timeoutMs + slackMs);
    }
    proxy.heal();
    await until("it serves", async () => (await cache.get("key").catch(() => 0)) === "value");
    expect(proxy.accepted).toBeGreaterThan(1);
    expect(process.memoryUsage().heapUsed - heapBefore).toBeLessThan(300 * 2 ** 20);
  });

  test("calls under way on that connection are failed with it, writes as maybe applied", async () => {
    const server = await startedRedis();
    const proxy = await startedProxy(server);
    const cache = openCache({ location: proxy.url() });
    await cache.set("key", "value");
    proxy.inject({ kind: "garbage" });
    const [read, write] = await Promise.all([
      failureOf(() => cache.get("key")),
      failureOf(() => cache.incr("count", 1, { ifMissing: "create" })),
    ]);
    expect(read.error).toBeInstanceOf(StoreUnavailableError);
    expect(write.error).toBeInstanceOf(StoreUnavailableError);
    expect(read.error).toMatchObject({ maybeApplied: false });
    expect(write.error).toMatchObject({ maybeApplied: true });
  });
});
