import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCache } from "../../src/create-cache.ts";
import type { Cache } from "../../src/index.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { assertSameValue, type FidelityValue, fidelityValues } from "./fidelity-values.ts";

const plain = fidelityValues.filter(({ storedAsJson }) => storedAsJson);
const packed = fidelityValues.filter(({ storedAsJson }) => !storedAsJson);

/** Integers, each with the text that redis-cli prints. */
const integers: readonly (readonly [number | bigint, string])[] = [
  [0, "0"],
  [42, "42"],
  [-42, "-42"],
  [Number.MAX_SAFE_INTEGER, "9007199254740991"],
  [2n ** 53n, "9007199254740992"],
  [2n ** 63n - 2n, "9223372036854775806"],
];

/** Whether JSON would not store the value as bare digits beyond 2^53, which a cache reads as a BigInt. */
function isNoBareDigits({ make }: FidelityValue): boolean {
  const value = make();
  return !Number.isInteger(value) || Number.isSafeInteger(value) || !/^-?\d+$/.test(String(value));
}

describe("what other programs see in Redis", () => {
  let server: RedisServer;
  let cache: Cache;

  beforeAll(async () => {
    server = await startRedisServer();
    cache = createCache({ location: server.url(), keyPrefix: "p" });
  });

  afterAll(async () => {
    await cache.close();
    await server.stop();
  });

  async function stored(key: string): Promise<string> {
    return server.cli("GET", cache.storedKey(key));
  }

  test.each(plain)("$name is JSON text", async ({ name, make }) => {
    await cache.set(name, make());
    const text = await stored(name);
    expect(() => assertSameValue(JSON.parse(text), make())).not.toThrow();
  });

  test.each(plain.filter(isNoBareDigits))("$name is read as another wrote it", async (value) => {
    const { name, make } = value;
    await server.cli("SET", cache.storedKey(name), JSON.stringify(make()));
    expect(await cache.get(name)).toEqual(JSON.parse(JSON.stringify(make())));
  });

  test.each(packed)("$name is no JSON text that says something else", async ({ name, make }) => {
    await cache.set(name, make());
    const text = await stored(name);
    expect(text.slice(0, 1)).not.toMatch(/[[{"tfn]/);
  });

  test.each(integers)("%s is shown, and counted, by any client", async (integer, text) => {
    await cache.set("n", integer);
    expect(await stored("n")).toBe(text);
    expect(await server.cli("INCR", cache.storedKey("n"))).toBe(`${BigInt(text) + 1n}`);
    const counted = await cache.getOrThrow<number | bigint>("n");
    expect(BigInt(counted)).toBe(BigInt(text) + 1n);
  });

  test("digits beyond 2^53 that another client wrote are a BigInt", async () => {
    await server.cli("SET", cache.storedKey("digits"), "9007199254740993");
    expect(await cache.get("digits")).toBe(9_007_199_254_740_993n);
  });

  test("a counter that another client began is counted on", async () => {
    await server.cli("SET", cache.storedKey("theirs"), "41");
    expect(await cache.incr("theirs")).toBe(42);
    expect(await server.cli("INCRBY", cache.storedKey("theirs"), "8")).toBe("50");
    expect(await cache.get("theirs")).toBe(50);
  });

  test("a small BigInt is a value, which no client counts", async () => {
    await cache.set("big", 5n);
    await expect(server.cli("-e", "INCR", cache.storedKey("big"))).rejects.toThrow(
      "not an integer",
    );
    expect(await cache.get("big")).toBe(5n);
  });

  test("text keeps its quotes, so that it is no counter", async () => {
    await cache.set("text", "42");
    expect(await stored("text")).toBe('"42"');
    await expect(cache.incr("text")).rejects.toThrow("not an integer");
  });

  test("what is stored, lives under prefix:version:key", async () => {
    await cache.set("a:b", 1, { version: 7 });
    expect(await server.cli("EXISTS", "p:7:a:b")).toBe("1");
  });

  test("a lock lives under a key that begins with the prefix", async () => {
    await server.cli("FLUSHDB");
    const lock = await cache.lock("door", { ttl: "1m" });
    expect(await server.cli("KEYS", "*")).toMatch(/^p:#lock:\S+door$/);
    await lock.release();
  });
});
