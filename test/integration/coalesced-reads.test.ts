import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import {
  DecodeError,
  EncodeError,
  StoreUnavailableError,
  WrongTypeError,
} from "../../src/contracts/errors.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { startedRedis } from "../support/servers.ts";

/** A cache in a server of its own, and what is sent to that. */
async function openLogged(
  options: CacheOptions = {},
): Promise<{ readonly cache: Cache; readonly server: RedisServer; readonly log: CommandLog }> {
  const server = await startedRedis();
  const cache = openCache({ location: server.url(), commandTimeout: "10s", ...options });
  await cache.ping();
  return { cache, server, log: await CommandLog.of(server) };
}

function openShared(options: CacheOptions = {}): Cache {
  const rules = { location: sharedUrl(), keyPrefix: freshPrefix(), commandTimeout: "10s" };
  return openCache({ ...rules, ...options });
}

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `key ${index}`);
}

async function fill(cache: Cache, keys: readonly string[]): Promise<void> {
  await cache.setMany(keys.map((key) => [key, { of: key }] as const));
}

function getAll(cache: Cache, keys: readonly string[]): Promise<unknown[]> {
  return Promise.all(keys.map((key) => cache.get(key)));
}

describe("what is sent", () => {
  test("reads of one turn of the event loop travel as one MGET for each 128", async () => {
    const { cache, log } = await openLogged();
    const keys = names(300);
    await fill(cache, keys);
    const sent = await log.during(async () => {
      expect(await getAll(cache, keys)).toEqual(keys.map((key) => ({ of: key })));
    });
    expect(sent).toEqual(["mget", "mget", "mget"]);
  });

  test("equal keys are asked once, and each caller has a value of its own", async () => {
    const { cache, log } = await openLogged();
    await fill(cache, ["one", "two"]);
    const asked = ["one", "two", "one", "one", "two"];
    let values: unknown[] = [];
    const sent = await log.during(async () => {
      values = await getAll(cache, asked);
    });
    expect(sent).toEqual(["mget"]);
    expect(values).toEqual(asked.map((key) => ({ of: key })));
    expect(new Set(values).size).toBe(asked.length);
    const alone = await log.during(() => getAll(cache, ["one", "one", "one"]));
    expect(alone).toEqual(["get"]);
  });

  test("equal keys are asked once however many others are between them", async () => {
    const { cache, log } = await openLogged();
    const keys = names(300);
    await fill(cache, keys);
    const asked = [...keys, ...keys.toReversed(), ...keys];
    const sent = await log.during(async () => {
      expect(await getAll(cache, asked)).toEqual(asked.map((key) => ({ of: key })));
    });
    expect(sent).toEqual(["mget", "mget", "mget"]);
  });

  test("a lone read is a GET, and getOrThrow is read like get", async () => {
    const { cache, log } = await openLogged();
    await fill(cache, ["one", "two"]);
    expect(await log.during(() => cache.get("one"))).toEqual(["get"]);
    const both = (): Promise<unknown> => Promise.all([cache.getOrThrow("one"), cache.get("two")]);
    expect(await log.during(both)).toEqual(["mget"]);
  });

  test("what is asked for by callers who were answered together travels together again", async () => {
    const { cache, log } = await openLogged();
    const keys = names(20);
    await fill(cache, keys);
    const walk = async (key: string): Promise<void> => {
      for (let step = 0; step < 5; step += 1) await cache.get(key);
    };
    expect(await log.during(() => Promise.all(keys.map(walk)))).toEqual(Array(5).fill("mget"));
  });

  test("views of a cache read together", async () => {
    const { cache, log } = await openLogged();
    const views = [cache, cache.namespace("n"), cache.withVersion(2)];
    for (const view of views) await view.set("key", view === cache);
    const read = async (): Promise<void> => {
      expect(await Promise.all(views.map((view) => view.get("key")))).toEqual([true, false, false]);
    };
    expect(await log.during(read)).toEqual(["mget"]);
  });

  test("with coalesce false each read is a GET", async () => {
    const { cache, log } = await openLogged({ coalesce: false });
    await fill(cache, names(3));
    expect(await log.during(() => getAll(cache, names(3)))).toEqual(["get", "get", "get"]);
  });

  test("a value known to be large is read apart from small ones, until it is small", async () => {
    const { cache, log } = await openLogged();
    await fill(cache, ["one", "two"]);
    await cache.set("large", "x".repeat(100_000));
    const read = (): Promise<unknown> => getAll(cache, ["one", "large", "two"]);
    expect(await log.during(read)).toEqual(["mget"]);
    expect(await log.during(read)).toEqual(["mget", "get"]);
    const thrice = (): Promise<unknown> => getAll(cache, ["large", "large", "large"]);
    expect(await log.during(thrice)).toEqual(["get"]);
    await cache.set("large", "small");
    expect(await log.during(read)).toEqual(["mget", "get"]);
    expect(await log.during(read)).toEqual(["mget"]);
  });
});

describe("misses", () => {
  test("among hits cost one more command, with the reads where one is to be expected", async () => {
    const { cache, log } = await openLogged();
    await fill(cache, ["one", "two"]);
    const read = async (): Promise<void> => {
      const values = await getAll(cache, ["one", "none", "two"]);
      expect(values).toEqual([{ of: "one" }, undefined, { of: "two" }]);
    };
    expect(await log.during(read)).toEqual(["mget", "exists"]);
    expect(await log.during(read)).toEqual(["mget", "exists"]);
    expect(await log.during(() => getAll(cache, ["one", "two"]))).toEqual(["mget", "exists"]);
    expect(await log.during(() => getAll(cache, ["one", "two"]))).toEqual(["mget"]);
  });

  test("give the default that each caller named", async () => {
    const cache = openShared();
    const reads = [cache.get("none", { default: 1 }), cache.get("none", { default: 2 })];
    expect(await Promise.all(reads)).toEqual([1, 2]);
  });

  test("a key of another type fails its own read, and no other", async () => {
    const { cache, server } = await openLogged();
    await fill(cache, ["one", "two"]);
    await server.cli("RPUSH", cache.storedKey("list"), "item");
    for (let turn = 0; turn < 3; turn += 1) {
      const reads = ["one", "list", "none", "two"].map((key) => cache.get(key));
      const [one, list, none, two] = await Promise.allSettled(reads);
      expect(list).toMatchObject({ status: "rejected", reason: expect.any(WrongTypeError) });
      expect(one).toEqual({ status: "fulfilled", value: { of: "one" } });
      expect(two).toEqual({ status: "fulfilled", value: { of: "two" } });
      expect(none).toEqual({ status: "fulfilled", value: undefined });
    }
  });
});

test("who may not ask which keys exist reads all the same", async () => {
  const server = await startedRedis();
  await server.cli("ACL", "SETUSER", "ann", "on", ">secret", "~*", "+@all", "-exists");
  const cache = openCache({ location: server.url(), username: "ann", password: "secret" });
  await fill(cache, ["one"]);
  await server.cli("RPUSH", cache.storedKey("list"), "item");
  for (let turn = 0; turn < 3; turn += 1) {
    expect(await getAll(cache, ["one", "none"])).toEqual([{ of: "one" }, undefined]);
    const [one, list] = await Promise.allSettled([cache.get("one"), cache.get("list")]);
    expect(one).toMatchObject({ status: "fulfilled" });
    expect(list).toMatchObject({ status: "rejected", reason: expect.any(WrongTypeError) });
  }
});

test("a value that cannot be stored leaves no rejection behind of others in the same setMany", async () => {
  const failing = {
    name: "failing",
    compress: () => Promise.reject(new Error("no")),
    decompress: (bytes: Uint8Array) => bytes,
  };
  const cache = openShared({ compressor: failing, compressMinBytes: 0 });
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  process.on("unhandledRejection", note);
  const entries = { text: "x".repeat(100), code: () => 1 };
  await expect(cache.setMany(entries)).rejects.toThrow(EncodeError);
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off("unhandledRejection", note);
  expect(seen).toEqual([]);
});

describe("values that are no plain text", () => {
  test("come back as they were among values that are", async () => {
    const cache = openShared();
    const values: Record<string, unknown> = {
      json: { a: 1 },
      bytes: Buffer.from([0xc3, 0x28, 0xff, 0]),
      date: new Date(5),
      map: new Map([["a", new Set([1n])]]),
      replaced: "\uFFFD is a character like any other",
      inside: { text: ["\uFFFD"] },
      wide: "日本語 🎉 \u{10FFFF}",
      count: 12,
    };
    await cache.setMany(values);
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await getAll(cache, Object.keys(values))).toEqual(Object.values(values));
      for (const [key, value] of Object.entries(values))
        expect(await cache.get(key)).toEqual(value);
    }
  });

  test("are read as bytes at once while there are such", async () => {
    const { cache, log } = await openLogged({ serializer: "msgpack" });
    await fill(cache, ["one", "two"]);
    await getAll(cache, ["one", "two"]);
    expect(await log.during(() => getAll(cache, ["one", "two"]))).toEqual(["mget"]);
    expect(await log.during(() => cache.get("one"))).toEqual(["get"]);
  });

  test("bytes that are neither fail their own read, and no other", async () => {
    const cache = openShared();
    const raw = openCache({
      location: sharedUrl(),
      keyFunction: (key) => key,
      reverseKeyFunction: (key) => key,
      serializer: "raw",
    });
    await fill(cache, ["one"]);
    await raw.set(cache.storedKey("broken"), Buffer.from([0x22, 0xff, 0xfe, 0x22]));
    const [one, broken] = await Promise.allSettled([cache.get("one"), cache.get("broken")]);
    expect(one).toEqual({ status: "fulfilled", value: { of: "one" } });
    expect(broken).toMatchObject({ status: "rejected", reason: expect.any(DecodeError) });
  });
});

describe("the order of reads and writes that nobody waited for", () => {
  type Step = readonly ["get" | "set" | "delete" | "incr" | "take", key: string, value: number];
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.tuple(
      fc.constantFrom("get", "set", "delete", "incr", "take"),
      fc.constantFrom("a", "b", "c"),
      fc.integer({ min: 0, max: 99 }),
    ),
    { minLength: 1, maxLength: 25 },
  );

  /** Does a step to a map, and returns what it must answer. */
  function expected(model: Map<string, number>, [verb, key, value]: Step): unknown {
    const before = model.get(key);
    if (verb === "set") model.set(key, value);
    if (verb === "incr") model.set(key, (before ?? 0) + value);
    if (verb === "delete" || verb === "take") model.delete(key);
    if (verb === "set") return true;
    if (verb === "delete") return before !== undefined;
    return verb === "incr" ? model.get(key) : before;
  }

  function begin(cache: Cache, [verb, key, value]: Step): Promise<unknown> {
    if (verb === "set") return cache.set(key, value);
    if (verb === "incr") return cache.incr(key, value, { ifMissing: "create" });
    if (verb === "delete") return cache.delete(key);
    return verb === "get" ? cache.get(key) : cache.take(key);
  }

  test("is kept for every key", async () => {
    const cache = openShared();
    await cache.incr("script", 1, { ifMissing: "create" }); // what counts is sent twice to a server new to it
    const run = async (list: readonly Step[]): Promise<void> => {
      await cache.clear();
      const model = new Map<string, number>();
      const answers = list.map((step) => begin(cache, step));
      expect(await Promise.all(answers)).toEqual(list.map((step) => expected(model, step)));
    };
    await fc.assert(fc.asyncProperty(steps, run), { numRuns: 300 });
  });

  test("is kept where a value takes time to be compressed", async () => {
    const cache = openShared({ compressor: "gzip" });
    const text = "compressible ".repeat(100_000);
    const writing = cache.set("key", text);
    const read = cache.get("key");
    const readInView = cache.namespace("k").withVersion(1).get("other");
    expect(await read).toBe(text);
    expect([await writing, await readInView]).toEqual([true, undefined]);
  });

  test("is kept by every verb behind a value that takes time to be compressed", async () => {
    const cache = openShared({ compressor: "gzip" });
    const text = "compressible ".repeat(100_000);
    await cache.setMany({ many: 1, or: 1, has: 1, deleted: 1, newest: 1, all: 1 });
    await cache.delete("has");
    for (const key of ["many", "or", "has", "deleted", "newest"]) void cache.set(key, text);
    void cache.setMany({ all: text });
    const [many, or, has, deleted, all] = await Promise.all([
      cache.getMany(["many", "all"]),
      cache.getOrSet("or", "made"),
      cache.has("has"),
      cache.delete("deleted"),
      cache.get("all"),
      cache.set("newest", 2),
    ]);
    expect([many.get("many"), many.get("all"), or, has, deleted, all]).toEqual([
      text,
      text,
      text,
      true,
      true,
      text,
    ]);
    expect([await cache.has("deleted"), await cache.get("newest")]).toEqual([false, 2]);
  });

  test("is kept behind a setMany", async () => {
    const cache = openShared();
    await cache.set("key", "old");
    void cache.setMany({ key: "new", other: 1 });
    const [read, readMany, deleted] = await Promise.all([
      cache.get("key"),
      cache.getMany(["key"]),
      cache.delete("other"),
    ]);
    expect([read, readMany.get("key"), deleted]).toEqual(["new", "new", true]);
    expect(await cache.has("other")).toBe(false);
  });

  test("is kept before a flush of the database", async () => {
    const { cache } = await openLogged();
    await cache.set("key", 1);
    const [before, , after] = await Promise.all([
      cache.get("key"),
      cache.flushDatabase(),
      cache.get("key"),
    ]);
    expect([before, after]).toEqual([1, undefined]);
  });
});

describe("failures", () => {
  test("a server that is gone fails every read that travelled", async () => {
    const { cache, server } = await openLogged({ circuitBreaker: false });
    await fill(cache, names(200));
    await server.kill();
    const results = await Promise.allSettled(names(200).map((key) => cache.get(key)));
    for (const result of results) {
      const reason = expect.any(StoreUnavailableError);
      expect(result).toMatchObject({ status: "rejected", reason });
    }
  });

  test("each read that travelled counts for the circuit", async () => {
    const { cache, server } = await openLogged({ commandTimeout: "100ms" });
    server.freeze();
    await Promise.allSettled(names(5).map((key) => cache.get(key)));
    expect(cache.stats().circuit).toBe("open");
    server.thaw();
  });

  test("under ignoreErrors each read is a miss", async () => {
    const { cache, server } = await openLogged({ ignoreErrors: true });
    await server.kill();
    const reads = [cache.get("a"), cache.get("b", { default: 5 }), cache.get("a")];
    expect(await Promise.all(reads)).toEqual([undefined, 5, undefined]);
    expect(cache.stats()).toMatchObject({ errors: 3, ignoredErrors: 3, misses: 3 });
  });
});
