import { afterAll, describe, expect, test } from "vitest";
import type { Cache } from "../../src/contracts/cache.ts";
import { createCache } from "../../src/create-cache.ts";
import { failureOf } from "../support/failure.ts";

/** A cache as somebody without types sees it. */
type Untyped = { readonly [Method in keyof Cache]: (...args: readonly unknown[]) => unknown };

/** A call, what is thrown for it, and what its message says. */
type Row = readonly [
  call: (cache: Cache, untyped: Untyped) => unknown,
  error: "TypeError" | Readonly<Record<string, unknown>>,
  message: RegExp,
];

class Own {
  readonly field = 1;
}

const option = (name: string) => ({
  name: "ConfigurationError",
  code: "CONFIGURATION",
  option: name,
});
const overflow = { name: "CounterOverflowError", code: "COUNTER_OVERFLOW", key: "k" };
const unencodable = { name: "EncodeError", code: "ENCODE", key: "k" };

/** Every method that takes a key, with whatever else it needs to be called. */
const withKey = {
  get: [],
  getOrThrow: [],
  set: [1],
  add: [1],
  getOrSet: [() => 1],
  has: [],
  delete: [],
  take: [],
  incr: [],
  decr: [],
  touch: [],
  persist: [],
  expire: [10],
  expireAt: [4_000_000_000],
  pexpire: [10],
  pexpireAt: [4_000_000_000_000],
  ttl: [],
  pttl: [],
  incrVersion: [],
  decrVersion: [],
  lock: [{ ttl: 1 }],
  withLock: [{ ttl: 1 }, () => 1],
  storedKey: [],
} as const satisfies Partial<Record<keyof Cache, readonly unknown[]>>;

const methodsWithKey = Object.keys(withKey) as (keyof typeof withKey)[];

const badKeys: readonly (readonly [unknown, RegExp])[] = [
  ["", /key must not be empty/],
  [undefined, /key must be a string, got undefined/],
  [1, /key must be a string, got number/],
  [{}, /key must be a string, got object/],
  ["\ud800", /half of a surrogate pair/],
];

const keyRows = methodsWithKey.flatMap((method) =>
  badKeys.map(([key, message]) => ({ method, key, rest: withKey[method], message })),
);

const rows: readonly Row[] = [
  // Several keys
  [(_, u) => u.getMany("key"), "TypeError", /keys must be an array/],
  [(_, u) => u.getMany(), "TypeError", /keys must be an array/],
  [(_, u) => u.getMany(null), "TypeError", /keys must be an array/],
  [(_, u) => u.getMany({ a: 1 }), "TypeError", /keys must be an array/],
  [(_, u) => u.getMany(["a", 1]), "TypeError", /key must be a string/],
  [(_, u) => u.getMany(["a", ""]), "TypeError", /must not be empty/],
  [(_, u) => u.deleteMany("key"), "TypeError", /keys must be an array/],
  [(_, u) => u.deleteMany([null]), "TypeError", /key must be a string/],
  [(_, u) => u.getOrSetMany("key", () => []), "TypeError", /keys must be an array/],
  [(_, u) => u.getOrSetMany([""], () => []), "TypeError", /must not be empty/],
  [(_, u) => u.getOrSetMany(["a"]), "TypeError", /function/],
  [(_, u) => u.getOrSetMany(["a"], 5), "TypeError", /function/],
  [(_, u) => u.setMany(), "TypeError", /entries must be/],
  [(_, u) => u.setMany(null), "TypeError", /entries must be/],
  [(_, u) => u.setMany("ab"), "TypeError", /entries must be/],
  [(_, u) => u.setMany(5), "TypeError", /entries must be/],
  [(_, u) => u.setMany([1, 2]), "TypeError", /./],
  [(_, u) => u.setMany(["ab"]), "TypeError", /entr|pair/],
  [(_, u) => u.setMany([[1, 2]]), "TypeError", /key must be a string/],
  [(_, u) => u.setMany({ "": 1 }), "TypeError", /must not be empty/],
  [(_, u) => u.setMany({ a: undefined }), "TypeError", /undefined cannot be stored \(key "a"\)/],

  // Values
  [(c) => c.set("k", undefined), "TypeError", /undefined cannot be stored \(key "k"\)/],
  [(_, u) => u.set("k"), "TypeError", /undefined cannot be stored/],
  [(c) => c.add("k", undefined), "TypeError", /undefined cannot be stored/],
  [(_, u) => u.getOrSet("k"), "TypeError", /undefined/],
  [(c) => c.set("k", () => 1), unencodable, /\$ is a function.*"k"/],
  [(c) => c.set("k", Symbol("x")), unencodable, /\$ is a symbol/],
  [(c) => c.set("k", { deep: [{ f: () => 1 }] }), unencodable, /\$\.deep\[0\]\.f is a function/],
  [(c) => c.set("k", new Own()), unencodable, /\$ is .*Own/],
  [(c) => c.set("k", new WeakMap()), unencodable, /\$ is/],
  [(c) => c.set("k", Promise.resolve(1)), unencodable, /\$ is/],
  [(c) => c.setMany({ k: () => 1 }), { name: "EncodeError" }, /\$ is a function/],
  [(c) => c.getOrSet<unknown>("k", () => ({ f() {} })), unencodable, /\$\.f is a function/],

  // Durations
  [(c) => c.set("k", 1, { ttl: Number.NaN }), "TypeError", /^ttl must be .*NaN/],
  [(c) => c.set("k", 1, { ttl: "soon" }), "TypeError", /^ttl must be .*"soon"/],
  [(c) => c.set("k", 1, { ttl: Infinity }), "TypeError", /^ttl must be .*Infinity/],
  [(_, u) => u.set("k", 1, { ttl: true }), "TypeError", /^ttl must be/],
  [(c) => c.add("k", 1, { ttl: "5" }), "TypeError", /^ttl must be .*"5"/],
  [(c) => c.setMany({ k: 1 }, { ttl: "1y" }), "TypeError", /^ttl must be .*"1y"/],
  [(c) => c.getOrSet("k", 1, { ttl: "" }), "TypeError", /^ttl must be/],
  [(c) => c.getOrSet("k", 1, { negativeTtl: "x" }), "TypeError", /^negativeTtl must be .*"x"/],
  [(c) => c.getOrSet("k", (context) => context.setTtl("x")), "TypeError", /^ttl must be .*"x"/],
  [(c) => c.getOrSetMany(["k"], () => [], { ttl: "x" }), "TypeError", /^ttl/],
  [(c) => c.incr("k", 1, { ttl: "x" }), "TypeError", /^ttl/],
  [(c) => c.touch("k", "x"), "TypeError", /^ttl must be .*"x"/],
  [(c) => c.touch("k", Number.NaN), "TypeError", /^ttl/],
  [(_, u) => u.expire("k"), "TypeError", /^ttl must be .*undefined/],
  [(c) => c.expire("k", "x"), "TypeError", /^ttl/],
  [(_, u) => u.pexpire("k"), "TypeError", /^ms must be a number of milliseconds/],
  [(_, u) => u.pexpire("k", "10"), "TypeError", /^ms/],
  [(c) => c.pexpire("k", Number.NaN), "TypeError", /^ms/],
  [(_, u) => u.pexpire("k", null), "TypeError", /^ms/],
  [(_, u) => u.expireAt("k"), "TypeError", /^when must be/],
  [(_, u) => u.expireAt("k", "2030-01-01"), "TypeError", /^when must be a valid Date .*seconds/],
  [(c) => c.expireAt("k", new Date("never")), "TypeError", /^when must be a valid Date/],
  [(c) => c.expireAt("k", Number.NaN), "TypeError", /^when/],
  [(_, u) => u.expireAt("k", null), "TypeError", /^when/],
  [(_, u) => u.pexpireAt("k", "10"), "TypeError", /^when .*milliseconds/],
  [(c) => c.pexpireAt("k", Infinity), "TypeError", /^when/],

  // Counters and versions
  [(c) => c.incr("k", 0.5), "TypeError", /^delta must be a whole number or a bigint, got 0.5/],
  [(c) => c.incr("k", Number.NaN), "TypeError", /^delta/],
  [(c) => c.incr("k", 2 ** 53), "TypeError", /^delta/],
  [(_, u) => u.incr("k", "1"), "TypeError", /^delta/],
  [(_, u) => u.decr("k", null), "TypeError", /^delta/],
  [(_, u) => u.incr("k", Symbol("x")), "TypeError", /^delta/],
  [(_, u) => u.incr("k", {}), "TypeError", /^delta/],
  [(c) => c.incr("k", 2n ** 63n), overflow, /64-bit/],
  [(c) => c.decr("k", -(2n ** 63n)), overflow, /64-bit/],
  [
    (_, u) => u.incr("k", 1, { ifMissing: "make" }),
    "TypeError",
    /^ifMissing must be "throw" or "create"/,
  ],
  [(_, u) => u.incr("k", 1, { ifMissing: null }), "TypeError", /^ifMissing/],
  [(_, u) => u.incr("k", 1, { ifMissing: Symbol("x") }), "TypeError", /^ifMissing/],
  [(c) => c.incrVersion("k", 0.5), "TypeError", /^delta must be a whole number/],
  [(_, u) => u.incrVersion("k", "1"), "TypeError", /^delta/],
  [(_, u) => u.decrVersion("k", 1n), "TypeError", /^delta/],
  [(c) => c.get("k", { version: 0.5 }), "TypeError", /^version must be a whole number, got 0.5/],
  [(_, u) => u.get("k", { version: "2" }), "TypeError", /^version/],
  [(_, u) => u.get("k", { version: null }), "TypeError", /^version/],
  [(_, u) => u.withVersion(), "TypeError", /^version/],
  [(c) => c.withVersion(0.5), "TypeError", /^version/],
  [(_, u) => u.withVersion("2"), "TypeError", /^version/],
  [(c) => c.namespace(""), "TypeError", /namespace must not be empty/],
  [(_, u) => u.namespace(), "TypeError", /namespace must be a string/],
  [(_, u) => u.namespace(5), "TypeError", /namespace must be a string/],

  // Options that are unknown, contradict each other, or come later
  [(c) => c.set("k", 1, { nx: true, xx: true }), "TypeError", /nx and xx exclude each other/],
  [
    (c) => c.set("k", 1, { keepTtl: true, ttl: 5 }),
    "TypeError",
    /keepTtl and ttl exclude each other/,
  ],
  [(_, u) => u.set("k", 1, 60), "TypeError", /options of set must be an object/],
  [(_, u) => u.set("k", 1, "5m"), "TypeError", /options of set must be an object/],
  [(_, u) => u.set("k", 1, null), "TypeError", /options of set must be an object/],
  [(_, u) => u.get("k", "usual"), "TypeError", /options of get must be an object/],
  [(_, u) => u.set("k", 1, { TTL: 5 }), option("TTL"), /"TTL" of set is not known; known: ttl, nx/],
  [(_, u) => u.set("k", 1, { ex: 5 }), option("ex"), /not known/],
  [(_, u) => u.set("k", 1, { tags: ["a"] }), option("tags"), /not available in this version yet/],
  [(_, u) => u.add("k", 1, { nx: true }), option("nx"), /"nx" of add is not known/],
  [(_, u) => u.get("k", { ttl: 5 }), option("ttl"), /"ttl" of get/],
  [(_, u) => u.getMany(["k"], { default: 1 }), option("default"), /of getMany/],
  [(_, u) => u.getOrSet("k", 1, { staleFor: 5 }), option("staleFor"), /not available/],
  [(_, u) => u.getOrSet("k", 1, { lock: "cluster" }), option("lock"), /"process"/],
  [(_, u) => u.keys("*", { count: 5 }), option("count"), /"count" of keys/],
  [
    (_, u) => u.memoize((x: unknown) => x, { key: "k", jitter: 1 }),
    option("jitter"),
    /not available/,
  ],
  [(_, u) => u.rawClient({ read: true }), option("read"), /of rawClient/],

  // Patterns
  [(c) => c.keys(""), "TypeError", /pattern must not be empty/],
  [(_, u) => u.keys(), "TypeError", /pattern must be a string/],
  [(_, u) => u.keys(/a/), "TypeError", /pattern must be a string, got object/],
  [(c) => c.iterKeys(5 as unknown as string).next(), "TypeError", /pattern must be a string/],
  [(_, u) => u.deletePattern(), "TypeError", /pattern must be a string/],
  [
    (c) => c.keys("*", { scanCount: 0 }),
    "TypeError",
    /^scanCount must be a whole number of at least 1/,
  ],
  [(_, u) => u.deletePattern("*", { scanCount: "5" }), "TypeError", /^scanCount/],
  [(_, u) => u.deletePattern("*", { onProgress: 1 }), "TypeError", /onProgress/],
  [(_, u) => u.deletePattern("*", { signal: {} }), "TypeError", /signal/],
  [(_, u) => u.getOrSet("k", 1, { signal: "x" }), "TypeError", /signal/],

  // Locks
  [(_, u) => u.lock("k"), "TypeError", /^ttl must be/],
  [(_, u) => u.lock("k", {}), "TypeError", /^ttl must be/],
  [(c) => c.lock("k", { ttl: 0 }), "TypeError", /^ttl must be longer than zero/],
  [(c) => c.lock("k", { ttl: null }), "TypeError", /^ttl must .* end/],
  [(c) => c.lock("k", { ttl: 1, wait: "x" }), "TypeError", /^wait must be/],
  [(c) => c.lock("k", { ttl: 1, retryDelay: 0 }), "TypeError", /^retryDelay must be longer/],
  [(_, u) => u.lock("other", { ttl: 1, autoExtend: "yes" }), "TypeError", /^autoExtend/],
  [(_, u) => u.lock("k", { ttl: 1, timeout: 5 }), option("timeout"), /"timeout" of lock/],
  [(_, u) => u.withLock("k", { ttl: 1 }), "TypeError", /function/],

  // Functions and listeners
  [(_, u) => u.memoize(), "TypeError", /must be a function/],
  [(_, u) => u.memoize("x"), "TypeError", /must be a function/],
  [(c) => c.memoize(() => 1), option("key"), /anonymous function needs the option `key`/],
  [(_, u) => u.memoize(() => 1, { key: 5 }), option("key"), /key/],
  [
    (c) => c.memoize((f: () => void) => f, { key: "k" })(() => undefined),
    "TypeError",
    /function among the arguments/,
  ],
  [(c) => c.memoize((x: unknown) => x, { key: () => "" })(1), "TypeError", /must not be empty/],
  [(_, u) => u.on("hits", () => undefined), option("events"), /"hits"; known: hit/],
  [(_, u) => u.on("hit"), "TypeError", /listener of "hit" must be a function/],
  [(_, u) => u.off("hits", () => undefined), option("events"), /"hits"/],
];

describe("what a caller gets wrong is a TypeError or ConfigurationError, and does nothing", () => {
  const cache = createCache();
  const untyped = cache as unknown as Untyped; // the whole point of these tests

  afterAll(async () => {
    await cache.close();
  });

  async function expectRefused(call: () => unknown, error: Row[1], message: RegExp): Promise<void> {
    const { error: thrown } = await failureOf(async () => call());
    expect(thrown).toMatchObject(error === "TypeError" ? { name: "TypeError" } : error);
    expect((thrown as Error).message).toMatch(message);
    expect(await cache.keys("*")).toEqual([]);
  }

  test.each(keyRows)("$method with the key $key", async ({ method, key, rest, message }) => {
    await expectRefused(() => untyped[method](key, ...rest), "TypeError", message);
  });

  const titled = rows.map(([call, error, message]) => {
    const [, source = ""] = call
      .toString()
      .replaceAll(/\s+/g, " ")
      .split(/=> (.*)/);
    return [source, call, error, message] as const;
  });

  test.each(titled)("%s", async (_title, call, error, message) => {
    await expectRefused(() => call(cache, untyped), error, message);
  });

  test("asynchronous methods reject, and never throw at once", () => {
    for (const method of methodsWithKey) {
      if (method === "storedKey") continue;
      const result = untyped[method]("", ...withKey[method]);
      expect(result).toBeInstanceOf(Promise);
      (result as Promise<unknown>).catch(() => undefined);
    }
  });
});
