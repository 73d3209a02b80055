import { beforeAll, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import {
  CacheMissError,
  CommandTimeoutError,
  DecodeError,
  EncodeError,
  StoreUnavailableError,
  ValueTooLargeError,
} from "../../src/contracts/errors.ts";
import type { CacheOptions } from "../../src/contracts/options.ts";
import { createCache } from "../../src/create-cache.ts";
import { failureOf } from "../support/failure.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { closedPort, startedRedis, startedTcp } from "../support/servers.ts";

/** What a call comes to: an answer, or the class of the error it rejects with. */
type Outcome = { readonly answers: unknown } | { readonly rejects: new (...args: never) => Error };

type Row = readonly [(cache: Cache) => unknown, Outcome];

const answers = (value: unknown): Outcome => ({ answers: value });
const rejects = (error: new (...args: never) => Error): Outcome => ({ rejects: error });

class Own {
  readonly field = 1;
}

async function drained(keys: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const key of keys) all.push(key);
  return all;
}

/**
 * What every method that asks the store comes to when the store is gone, by API.md; the rows of a
 * method that has several uses are in a list.
 */
const asksTheStore: Readonly<Record<string, readonly Row[]>> = {
  get: [
    [(cache) => cache.get("key"), answers(undefined)],
    [(cache) => cache.get("key", { default: "usual" }), answers("usual")],
  ],
  getOrThrow: [[(cache) => cache.getOrThrow("key"), rejects(CacheMissError)]],
  getMany: [[(cache) => cache.getMany(["a", "b"]), answers(new Map())]],
  set: [
    [(cache) => cache.set("key", 1), answers(false)],
    [(cache) => cache.set("key", 1, { ttl: 0 }), answers(false)],
    [(cache) => cache.set("key", 1, { ttl: 0, nx: true }), answers(false)],
    [(cache) => cache.set("key", 1, { keepTtl: true }), answers(false)],
  ],
  setMany: [[(cache) => cache.setMany({ a: 1, b: 2 }), answers(["a", "b"])]],
  add: [[(cache) => cache.add("key", 1), answers(false)]],
  getOrSet: [
    [(cache) => cache.getOrSet("key", async () => "made"), answers("made")],
    [(cache) => cache.getOrSet("key", "given"), answers("given")],
    [(cache) => cache.getOrSet("key", () => null), answers(null)],
  ],
  getOrSetMany: [
    [(cache) => cache.getOrSetMany(["a", "b"], () => [["a", 1]]), answers(new Map([["a", 1]]))],
  ],
  has: [[(cache) => cache.has("key"), answers(false)]],
  delete: [[(cache) => cache.delete("key"), answers(false)]],
  deleteMany: [[(cache) => cache.deleteMany(["a", "b"]), answers(0)]],
  take: [[(cache) => cache.take("key"), answers(undefined)]],
  incr: [
    [(cache) => cache.incr("key"), answers(0)],
    [(cache) => cache.incr("key", 5n, { ifMissing: "create" }), answers(0)],
  ],
  decr: [[(cache) => cache.decr("key"), answers(0)]],
  touch: [
    [(cache) => cache.touch("key"), answers(false)],
    [(cache) => cache.touch("key", null), answers(false)],
  ],
  persist: [[(cache) => cache.persist("key"), answers(false)]],
  expire: [[(cache) => cache.expire("key", 10), answers(false)]],
  expireAt: [[(cache) => cache.expireAt("key", 4_000_000_000), answers(false)]],
  pexpire: [[(cache) => cache.pexpire("key", 10), answers(false)]],
  pexpireAt: [[(cache) => cache.pexpireAt("key", 4_000_000_000_000), answers(false)]],
  ttl: [[(cache) => cache.ttl("key"), answers(0)]],
  pttl: [[(cache) => cache.pttl("key"), answers(0)]],
  incrVersion: [[(cache) => cache.incrVersion("key"), answers(0)]],
  decrVersion: [[(cache) => cache.decrVersion("key"), answers(0)]],
  keys: [[(cache) => cache.keys("*"), answers([])]],
  iterKeys: [[(cache) => drained(cache.iterKeys("*")), answers([])]],
  deletePattern: [[(cache) => cache.deletePattern("*"), answers(0)]],
  clear: [[(cache) => cache.clear(), answers(0)]],
  flushDatabase: [[(cache) => cache.flushDatabase(), answers(undefined)]],
  memoize: [
    [(cache) => cache.memoize((n: number) => n * 2, { key: "double" })(4), answers(8)],
    [(cache) => cache.memoize((n: number) => n, { key: "it" }).invalidate(4), answers(false)],
    [(cache) => cache.memoize((n: number) => n, { key: "it" }).refresh(4), answers(4)],
  ],
  ping: [[(cache) => cache.ping(), answers(false)]],
  lock: [[(cache) => cache.lock("key", { ttl: 1 }), rejects(StoreUnavailableError)]],
  withLock: [
    [(cache) => cache.withLock("key", { ttl: 1 }, () => 1), rejects(StoreUnavailableError)],
  ],
  rawClient: [[(cache) => cache.rawClient(), rejects(StoreUnavailableError)]],
};

/** What the methods come to that ask no store. */
const asksNobody: Readonly<Record<string, readonly Row[]>> = {
  namespace: [[(cache) => cache.namespace("a").get("key"), answers(undefined)]],
  withVersion: [[(cache) => cache.withVersion(2).set("key", 1), answers(false)]],
  storedKey: [[(cache) => cache.storedKey("key"), answers(":1:key")]],
  on: [[(cache) => cache.on("hit", () => undefined) === cache, answers(true)]],
  off: [[(cache) => cache.off("hit", () => undefined) === cache, answers(true)]],
  stats: [[(cache) => cache.stats().pending, answers(0)]],
  close: [[(cache) => cache.close(), answers(undefined)]],
  [String(Symbol.asyncDispose)]: [[(cache) => cache[Symbol.asyncDispose](), answers(undefined)]],
};

const table = { ...asksTheStore, ...asksNobody };

/** Rows with a title, their own source text: `set("key", 1, { ttl: 0 })`. */
function titled(part: Readonly<Record<string, readonly Row[]>>): (readonly [string, ...Row])[] {
  return Object.values(part).flatMap((rows) =>
    rows.map(([call, outcome]) => {
      const [, source = ""] = call
        .toString()
        .replaceAll(/\s+/g, " ")
        .split(/=> (.*)/);
      return [source, call, outcome] as const;
    }),
  );
}

const cannotIgnore = /^cache\.(?:lock|withLock|rawClient)\(/;

function anErrorOf(type: new (...args: never) => Error): unknown {
  return expect.any(type);
}

async function expectOutcome(call: () => unknown, outcome: Outcome): Promise<void> {
  const answer: unknown = await Promise.resolve(call()).catch((error: unknown) => error);
  expect(answer).toEqual("rejects" in outcome ? anErrorOf(outcome.rejects) : outcome.answers);
}

let gone = "";

beforeAll(async () => {
  gone = `redis://127.0.0.1:${await closedPort()}`;
});

function openGone(options: CacheOptions = {}): Cache {
  return openCache({ location: gone, ignoreErrors: true, ...options });
}

describe("ignoreErrors, with the server gone", () => {
  test("every method of a cache is in the table", () => {
    const prototype: object = Object.getPrototypeOf(createCache());
    const methods = Reflect.ownKeys(prototype).map(String);
    expect(Object.keys(table).toSorted()).toEqual(
      methods.filter((name) => name !== "constructor").toSorted(),
    );
  });

  test.each(titled(table))("%s", async (_title, call, outcome) => {
    const cache = openGone();
    await expectOutcome(() => call(cache), outcome);
  });

  test.each(titled(asksTheStore))("is told to listeners, and counted: %s", async (title, call) => {
    const cache = openGone();
    const told: unknown[] = [];
    cache.on("error", ({ error, ignored }) => told.push([error, ignored]));
    await Promise.resolve(call(cache)).catch(() => undefined);
    const ignored = !cannotIgnore.test(title);
    expect(told).toEqual([[expect.any(StoreUnavailableError), ignored]]);
    expect(cache.stats()).toMatchObject({ errors: 1, ignoredErrors: ignored ? 1 : 0 });
  });

  test.each(titled(asksTheStore))("without it the error is thrown: %s", async (_title, call) => {
    const cache = openGone({ ignoreErrors: false });
    const { error } = await failureOf(async () => call(cache));
    expect(error).toBeInstanceOf(StoreUnavailableError);
  });

  test("an ignored error is logged where that is asked for", async () => {
    const logged: unknown[][] = [];
    const logger = { error: (...line: unknown[]) => logged.push(line) };
    const cache = openGone({ logger, logIgnoredErrors: true, name: "mine" });
    await cache.get("key");
    expect(logged).toEqual([
      [expect.stringContaining("mine.get"), expect.any(StoreUnavailableError)],
    ]);
  });

  test("nothing is logged unless asked for", async () => {
    const logged: unknown[] = [];
    const cache = openGone({ logger: { error: (line) => logged.push(line) } });
    await cache.get("key");
    expect(logged).toEqual([]);
  });

  test("an error that is thrown is not logged", async () => {
    const logged: unknown[] = [];
    const logger = { error: (line: string) => logged.push(line) };
    const cache = openGone({ logger, logIgnoredErrors: true });
    await failureOf(() => cache.lock("key", { ttl: 1 }));
    expect(logged).toEqual([]);
  });
});

describe("ignoreErrors, with the server frozen", () => {
  const rows = titled(asksTheStore).filter(([title]) => !title.startsWith("cache.rawClient"));

  test.each(rows)("%s", async (_title, call, outcome) => {
    const cache = await frozen();
    const isThrown = "rejects" in outcome && outcome.rejects === StoreUnavailableError;
    await expectOutcome(() => call(cache), isThrown ? rejects(CommandTimeoutError) : outcome);
  });

  test("getOrSet gives the factory's value within one deadline in all", async () => {
    const cache = await frozen("200ms");
    const startedMs = performance.now();
    expect(await cache.getOrSet("key", () => "made")).toBe("made");
    expect(performance.now() - startedMs).toBeLessThan(2 * 200 - 1);
  });

  /** Returns a cache whose server answers the handshake, and nothing after it. */
  async function frozen(timeout = "40ms"): Promise<Cache> {
    const port = await startedTcp((socket) => {
      socket.once("data", (sent) => {
        const commands = sent.toString().match(/^\*\d+\r$/gm)?.length ?? 0;
        socket.write("+OK\r\n".repeat(commands));
      });
    });
    const location = `redis://127.0.0.1:${port}`;
    const cache = openCache({ location, ignoreErrors: true, commandTimeout: timeout });
    await cache.rawClient();
    return cache;
  }
});

describe("ignoreErrors never swallows", () => {
  test.each<readonly [string, (cache: Cache) => unknown]>([
    ["an empty key", (cache) => cache.get("")],
    ["a key that is no string", (cache) => cache.has(1 as unknown as string)],
    ["undefined as value", (cache) => cache.set("key", undefined)],
    ["a ttl that is no duration", (cache) => cache.set("key", 1, { ttl: Number.NaN })],
    ["a fraction as delta", (cache) => cache.incr("key", 0.5)],
    ["nx with xx", (cache) => cache.set("key", 1, { nx: true, xx: true })],
    ["a version that is not whole", (cache) => cache.get("key", { version: 1.5 })],
  ])("a bad argument: %s", async (_what, call) => {
    const cache = openGone();
    expect((await failureOf(async () => call(cache))).error).toBeInstanceOf(TypeError);
  });

  test.each<readonly [string, (cache: Cache) => unknown]>([
    ["set", (cache) => cache.set("key", () => 1)],
    ["setMany", (cache) => cache.setMany({ key: Symbol("no") })],
  ])("a value that cannot be stored, though the server is gone: %s", async (_verb, call) => {
    const cache = openGone();
    expect((await failureOf(async () => call(cache))).error).toBeInstanceOf(EncodeError);
  });

  test.each<readonly [string, (cache: Cache) => unknown]>([
    ["getOrSet", (cache) => cache.getOrSet<unknown>("key", () => ({ call: () => 1 }))],
    ["getOrSetMany", (cache) => cache.getOrSetMany<unknown>(["key"], () => [["key", new Own()]])],
  ])("a loaded value that cannot be stored: %s", async (_verb, call) => {
    const cache = openCache({
      location: sharedUrl(),
      keyPrefix: freshPrefix(),
      ignoreErrors: true,
    });
    expect((await failureOf(async () => call(cache))).error).toBeInstanceOf(EncodeError);
  });

  test("a value that is too large", async () => {
    const cache = openGone({ maxValueBytes: 10 });
    const { error } = await failureOf(() => cache.set("key", "x".repeat(100)));
    expect(error).toBeInstanceOf(ValueTooLargeError);
  });

  test("a factory's own error", async () => {
    const cache = openGone();
    const own = new Error("mine");
    const failed = await failureOf(() => cache.getOrSet("key", () => Promise.reject(own)));
    expect(failed.error).toBe(own);
  });

  test("a task's own error, and the store's, of withLock", async () => {
    const own = new Error("mine");
    const cache = openCache({
      location: sharedUrl(),
      keyPrefix: freshPrefix(),
      ignoreErrors: true,
    });
    const fail = (): never => {
      throw own;
    };
    expect((await failureOf(() => cache.withLock("key", { ttl: 1 }, fail))).error).toBe(own);
  });

  test("a call after close", async () => {
    const cache = openGone();
    await cache.close();
    expect((await failureOf(() => cache.get("key"))).error).toMatchObject({ code: "CLOSED" });
  });
});

describe("bytes that cannot be read", () => {
  async function planted(ignoreErrors: boolean): Promise<Cache> {
    const server = await startedRedis();
    await server.cli("SET", ":1:key", "what is this");
    return openCache({ location: server.url(), ignoreErrors });
  }

  test("are a DecodeError that names the key", async () => {
    const cache = await planted(false);
    for (const call of [() => cache.get("key"), () => cache.getMany(["key"])]) {
      const { error } = await failureOf(call);
      expect(error).toBeInstanceOf(DecodeError);
      expect(error).toMatchObject({ key: "key" });
    }
  });

  test("are a miss with ignoreErrors, and listeners are told", async () => {
    const cache = await planted(true);
    const told: unknown[] = [];
    cache.on("error", ({ error, ignored }) => told.push([error, ignored]));
    expect(await cache.get("key", { default: "usual" })).toBe("usual");
    expect(await cache.getMany(["key"])).toEqual(new Map());
    expect(told).toEqual(told.map(() => [expect.any(DecodeError), true]));
    expect(told).toHaveLength(2);
  });

  test("are written over by getOrSet with ignoreErrors", async () => {
    const cache = await planted(true);
    expect(await cache.getOrSet("key", () => "made")).toBe("made");
    expect(await cache.get("key")).toBe("made");
  });
});
