import { describe, expect, test } from "vitest";
import type { WriteRules } from "../../../contracts/store.ts";
import { BorrowedNodeRedis } from "../clients/borrowed-node-redis.ts";
import type { RedisArgument, ReplyOptions } from "../commands/command.ts";
import { CommandExecutor } from "../commands/command-executor.ts";
import { valuesAsBytes, valuesAsText } from "../commands/value-commands.ts";
import type { NodeRedisClient } from "../connection/node-redis.ts";
import { RedisReadsWithTtl } from "../reading/reads-with-ttl.ts";
import { OneServer } from "../topology/one-server.ts";
import { RedisStore } from "./redis-store.ts";

type Sent = readonly [args: readonly RedisArgument[], options: ReplyOptions | undefined];

/** A Redis that records what it is sent and answers from a list, with OK when that is empty. */
function recorded(...replies: unknown[]): { readonly store: RedisStore; readonly sent: Sent[] } {
  const sent: Sent[] = [];
  const client = {
    isReady: true,
    async sendCommand(args: readonly RedisArgument[], options?: ReplyOptions) {
      sent.push([args, options]);
      const reply = replies.length > 0 ? replies.shift() : "OK";
      if (reply instanceof Error) throw reply;
      return reply;
    },
  } as unknown as NodeRedisClient; // the part of it that is used here
  const circuit = { threshold: 5, cooldownMs: 1_000 };
  const bounds = { commandTimeoutMs: 500, maxCalls: 10, maxBytes: 100_000, circuit };
  const commands = new CommandExecutor(
    new OneServer(new BorrowedNodeRedis(client, bounds)),
    bounds,
  );
  const timedReads = new RedisReadsWithTtl(commands).coalescer;
  return { store: new RedisStore(commands, { coalesce: false, timedReads }), sent };
}

function refused(answer: string): Error {
  return new Error(answer);
}

const asBytes = valuesAsBytes.one.options;
const asText = valuesAsText.perKey.options;

const minute = { ttlMs: 60_000 };

describe("what a Redis store sends", () => {
  test.each<readonly [WriteRules, readonly string[]]>([
    [{ lifetime: minute }, ["PX", "60000"]],
    [{ lifetime: "forever" }, []],
    [{ lifetime: minute, condition: "absent" }, ["NX", "PX", "60000"]],
    [{ lifetime: "forever", condition: "absent" }, ["NX"]],
    [{ lifetime: minute, condition: "present" }, ["XX", "PX", "60000"]],
    [{ lifetime: minute, condition: "present", keepTtl: true }, ["XX", "KEEPTTL"]],
  ])("a write by the rules %j", async (rules, flags) => {
    const { store, sent } = recorded();
    await store.set("key", "text", rules);
    expect(sent.map(([args]) => args)).toEqual([["SET", "key", "text", ...flags]]);
  });

  test("bytes go as a Buffer over the same memory: no copy", async () => {
    const { store, sent } = recorded();
    const bytes = new Uint8Array([9, 1, 2, 9]).subarray(1, 3);
    await store.set("key", bytes, { lifetime: "forever" });
    const argument = sent[0]?.[0][2] as Buffer;
    expect([Buffer.isBuffer(argument), [...argument], argument.buffer === bytes.buffer]).toEqual([
      true,
      [1, 2],
      true,
    ]);
  });

  test("many writes are sent together, before the first answer", async () => {
    const { store, sent } = recorded();
    const rules = { lifetime: minute };
    const done = store.setMany([
      { key: "a", bytes: "1", rules },
      { key: "b", bytes: "2", rules },
    ]);
    expect(sent).toHaveLength(2);
    await done;
  });

  test("a read of one key asks for bytes, one of several for text", async () => {
    const { store, sent } = recorded(Buffer.from("x"), [null], Buffer.from("x"));
    await store.get("a");
    await store.getMany(["b"]);
    await store.take("c");
    expect(sent.map(([, options]) => options)).toEqual([asBytes, asText, asBytes]);
  });

  test("of several values those that may be no text are read again, as bytes", async () => {
    const bytes = Buffer.from([0xc1, 1]);
    const { store, sent } = recorded(["1", "\uFFFD\u0001", null], [bytes]);
    expect(await store.getMany(["a", "b", "c"])).toEqual(["1", bytes, undefined]);
    expect(sent).toEqual([
      [["MGET", "a", "b", "c"], asText],
      [["MGET", "b"], asBytes],
    ]);
  });

  test("more than 250 keys go in several commands, answered in order", async () => {
    const keys = Array.from({ length: 501 }, (_, i) => `${i}`);
    const replies = [keys.slice(0, 250), keys.slice(250, 500), keys.slice(500)];
    const { store, sent } = recorded(...replies);
    expect((await store.getMany(keys)).map(String)).toEqual(keys);
    expect(sent.map(([args]) => args.length - 1)).toEqual([250, 250, 1]);
  });

  test("no keys are no command", async () => {
    const { store, sent } = recorded();
    expect(await store.getMany([])).toEqual([]);
    expect(await store.delete([])).toEqual({ deleted: 0, failed: new Map() });
    await store.setMany([]);
    expect(sent).toEqual([]);
  });

  test("one command of several that fails takes only its own keys with it", async () => {
    const keys = Array.from({ length: 251 }, (_, i) => `${i}`);
    const texts = keys.slice(0, 250);
    const failure = { code: "SERVER_REFUSED", reason: "NOPERM" };
    const reading = recorded(texts, refused("NOPERM no")).store;
    expect(await reading.getMany(keys)).toMatchObject([...texts, failure]);
    const writing = recorded("OK", refused("NOPERM no")).store;
    const rules = { lifetime: minute };
    expect(
      await writing.setMany([
        { key: "a", bytes: "1", rules },
        { key: "b", bytes: "2", rules },
      ]),
    ).toMatchObject([true, failure]);
    const { deleted, failed } = await recorded(250, refused("NOPERM no")).store.delete(keys);
    expect([deleted, [...failed.keys()]]).toEqual([250, ["250"]]);
    expect(failed.get("250")).toMatchObject(failure);
  });

  test("where every command fails, so does the call", async () => {
    const keys = Array.from({ length: 251 }, (_, i) => `${i}`);
    const failing = recorded(refused("NOPERM no"), refused("NOPERM no")).store;
    await expect(failing.getMany(keys)).rejects.toMatchObject({ reason: "NOPERM" });
  });

  test("a counter that never expires needs no script, unless it cannot be counted", async () => {
    const plain = recorded("7");
    expect(await plain.store.count("key", 2n, { createWith: "forever" })).toBe(7n);
    expect(plain.sent.map(([args]) => args)).toEqual([["INCRBY", "key", "2"]]);
    const failing = recorded(refused("ERR value is not an integer"), "not-an-integer");
    expect(await failing.store.count("key", 2n, { createWith: "forever" })).toBe("not-an-integer");
    expect(failing.sent.map(([args]) => args[0])).toEqual(["INCRBY", "EVALSHA"]);
  });

  test("deletes of several commands are summed up", async () => {
    const { store } = recorded(250, 3);
    const keys = Array.from({ length: 253 }, (_, i) => `${i}`);
    expect(await store.delete(keys)).toEqual({ deleted: 253, failed: new Map() });
  });
});

describe("what a Redis store makes of the answers", () => {
  test.each([
    [-2, 0],
    [-1, null],
    [0, 1],
    [5, 5],
  ])("PTTL %i is %s", async (reply, remaining) => {
    expect(await recorded(reply).store.remainingMs("key")).toBe(remaining);
  });

  test.each([
    [null, false],
    ["OK", true],
  ])("SET %s: written %s", async (reply, written) => {
    expect(await recorded(reply).store.set("key", "x", { lifetime: minute })).toBe(written);
  });

  test("a counter beyond 2^53 loses no digit", async () => {
    const { store } = recorded("9223372036854775807");
    expect(await store.count("key", 1n, {})).toBe(9_223_372_036_854_775_807n);
  });

  test.each(["absent", "not-an-integer", "overflow"])(
    "a counter may answer %s",
    async (failure) => {
      expect(await recorded(failure).store.count("key", 1n, {})).toBe(failure);
    },
  );

  test("a rename of nothing is false, any other refusal is thrown", async () => {
    expect(await recorded(refused("ERR no such key")).store.rename("a", "b")).toBe(false);
    const store = recorded(refused("NOPERM no")).store;
    await expect(store.rename("a", "b")).rejects.toMatchObject({ reason: "NOPERM" });
  });

  test("a script that the server does not know is sent whole, once", async () => {
    const { store, sent } = recorded(refused("NOSCRIPT No matching script."), "5");
    expect(await store.count("key", 5n, { createWith: minute })).toBe(5n);
    expect(sent.map(([args]) => args[0])).toEqual(["EVALSHA", "EVAL"]);
    expect(sent[0]?.[0].slice(2)).toEqual(["1", "key", "5", "60000"]);
    expect(sent[1]?.[0].slice(2)).toEqual(["1", "key", "5", "60000"]);
  });

  test("a script that fails otherwise is not sent again", async () => {
    const { store, sent } = recorded(refused("OOM no"));
    await expect(store.count("key", 5n, {})).rejects.toMatchObject({ reason: "OOM" });
    expect(sent).toHaveLength(1);
  });

  test("a scan goes on until the cursor is back at 0, over empty batches too", async () => {
    const { store, sent } = recorded(["7", ["a"]], ["9", []], ["0", ["b", "c"]]);
    const batches: (readonly string[])[] = [];
    for await (const batch of store.scan("p*", { count: 10 })) batches.push(batch);
    expect(batches).toEqual([["a"], [], ["b", "c"]]);
    expect(sent.map(([args]) => args[1])).toEqual(["0", "7", "9"]);
  });

  test("a scan that is left early asks no more", async () => {
    const { store, sent } = recorded(["7", ["a"]], ["0", ["b"]]);
    for await (const _ of store.scan("p*", { count: 10 })) break;
    expect(sent).toHaveLength(1);
  });
});
