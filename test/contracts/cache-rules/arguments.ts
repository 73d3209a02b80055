import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { ConfigurationError } from "../../../src/contracts/errors.ts";
import { assertTypeError, type CacheRule, call, rule } from "./cache-rule.ts";

/** Methods whose first argument is a key or a pattern, with the arguments between it and the options. */
const keyMethods = {
  get: [],
  getOrThrow: [],
  set: [1],
  add: [1],
  getOrSet: [1],
  has: [],
  delete: [],
  take: [],
  incr: [1],
  decr: [1],
  touch: [5],
  persist: [],
  expire: [5],
  expireAt: [5],
  pexpire: [5],
  pexpireAt: [5],
  ttl: [],
  pttl: [],
  incrVersion: [1],
  decrVersion: [1],
  keys: [],
  iterKeys: [],
  deletePattern: [],
  storedKey: [],
} as const satisfies Partial<Record<keyof Cache, readonly unknown[]>>;

/** The methods that take several keys. */
const manyMethods = {
  getMany: (key: unknown) => [[key]],
  deleteMany: (key: unknown) => [["good", key]],
  getOrSetMany: (key: unknown) => [["good", key], () => new Map()],
  setMany: (key: unknown) => [[[key, 1]]],
} as const satisfies Partial<Record<keyof Cache, (key: unknown) => readonly unknown[]>>;

const noKeys: readonly (readonly [string, unknown])[] = [
  ["the empty text", ""],
  ["a number", 5],
  ["null", null],
  ["undefined", undefined],
  ["a list", ["key"]],
  ["an object", {}],
  ["a symbol", Symbol("sign")],
  ["a lone surrogate", "\ud800"],
  ["the second half of a pair in a text", "a\udc00b"],
];

interface OptionCall {
  readonly method: string & keyof Cache;
  /** Calls it with these options. */
  readonly run: (cache: Cache, options: unknown) => Promise<unknown>;
}

const work = (): number => 1;

/** Every method that takes options. */
const optionCalls: readonly OptionCall[] = [
  ...(Object.keys(keyMethods) as (keyof typeof keyMethods)[]).map((method): OptionCall => {
    return {
      method,
      run: (cache, options) => begin(cache, method, "key", ...keyMethods[method], options),
    };
  }),
  ...(Object.keys(manyMethods) as (keyof typeof manyMethods)[]).map((method): OptionCall => {
    return {
      method,
      run: (cache, options) => call(cache, method, ...manyMethods[method]("key"), options),
    };
  }),
  { method: "memoize", run: (cache, options) => call(cache, "memoize", work, options) },
  { method: "rawClient", run: (cache, options) => call(cache, "rawClient", options) },
];

/** Options reserved for later versions, by method. */
const notYet: readonly (readonly [
  string & keyof Cache,
  readonly unknown[],
  Readonly<Record<string, unknown>>,
])[] = [
  ["set", ["key", 1], { tags: ["tag"] }],
  ["setMany", [{ key: 1 }], { tags: ["tag"] }],
  ["add", ["key", 1], { tags: ["tag"] }],
  ["getOrSet", ["key", 1], { tags: ["tag"] }],
  ["getOrSet", ["key", 1], { staleFor: 5 }],
  ["getOrSet", ["key", 1], { softTimeout: 5 }],
  ["getOrSet", ["key", 1], { hardTimeout: 5 }],
  ["getOrSet", ["key", 1], { earlyRefresh: 1 }],
  ["getOrSet", ["key", 1], { jitter: 0.1 }],
  ["getOrSet", ["key", 1], { lockTtl: 5 }],
  ["getOrSet", ["key", 1], { lock: "cluster" }],
  ["getOrSetMany", [["key"], () => new Map()], { lock: "cluster" }],
];

/** Cache options that are reserved for later versions or do not exist. */
const noCacheOptions: readonly Readonly<Record<string, unknown>>[] = [
  { nearCache: { maxSize: 5 } },
  { readFrom: "any" },
  { circuitBreaker: { threshold: 5, resetTimeout: 1 } },
  { serializer: "pickle" },
  { prefix: "p" },
  { timeout: 5 },
];

/** Arguments that every method rejects. */
export const argumentRules: readonly CacheRule[] = [
  ...noKeys.flatMap(([what, key]) =>
    Object.entries(keyMethods).map(([method, rest]) =>
      rule(`${method}: ${what} is no key`, async ({ cache }) => {
        await assertTypeError(begin(cache, method as keyof Cache, key, ...rest));
      }),
    ),
  ),
  ...noKeys.flatMap(([what, key]) =>
    Object.entries(manyMethods).map(([method, args]) =>
      rule(`${method}: ${what} is no key`, async ({ cache }) => {
        await assertTypeError(call(cache, method as keyof Cache, ...args(key)));
        assert.deepEqual(await cache.keys("*"), []);
      }),
    ),
  ),
  ...noKeys.map(([what, key]) =>
    rule(`lock and withLock: ${what} is no key`, async ({ cache }) => {
      await assertTypeError(call(cache, "lock", key, { ttl: 5 }));
      await assertTypeError(call(cache, "withLock", key, { ttl: 5 }, work));
    }),
  ),
  ...optionCalls.map(({ method, run }) =>
    rule(
      `${method}: an unknown option is a ConfigurationError that names it`,
      async ({ cache }) => {
        const refused = run(cache, { versoin: 2 });
        await assert.rejects(refused, {
          name: "ConfigurationError",
          code: "CONFIGURATION",
          option: "versoin",
        });
        await assert.rejects(refused, /versoin/);
      },
    ),
  ),
  ...optionCalls.map(({ method, run }) =>
    rule(`${method}: options that are no object are a TypeError`, async ({ cache }) => {
      for (const options of [null, 5, "text", true]) await assertTypeError(run(cache, options));
    }),
  ),
  ...(["lock", "withLock"] as const).map((method) =>
    rule(
      `${method}: an unknown option is a ConfigurationError that names it`,
      async ({ cache }) => {
        const refused = call(cache, method, "key", { ttl: 5, timeout: 5 }, work);
        await assert.rejects(refused, { name: "ConfigurationError", option: "timeout" });
      },
    ),
  ),
  ...notYet.map(([method, args, options]) =>
    rule(
      `${method}: ${JSON.stringify(options)} is refused rather than ignored`,
      async ({ cache }) => {
        await assert.rejects(call(cache, method, ...args, options), ConfigurationError);
        assert.equal(await cache.has("key"), false);
      },
    ),
  ),
  ...noCacheOptions.map((options) =>
    rule(`a cache cannot be made with ${JSON.stringify(options)}`, async ({ open }) => {
      await assert.rejects(open(options), {
        name: "ConfigurationError",
        option: Object.keys(options)[0],
      });
    }),
  ),
  rule("a long key is a key", async ({ cache }) => {
    const key = "k".repeat(10_000);
    await cache.set(key, 1);
    assert.deepEqual(await cache.keys("k*"), [key]);
  }),
];

/** Calls a method; if it returns an iterator, takes the first item. */
function begin(cache: Cache, method: keyof Cache, ...args: unknown[]): Promise<unknown> {
  if (method !== "iterKeys") return call(cache, method, ...args);
  const [pattern, options] = args as Parameters<Cache["iterKeys"]>; // wrong ones, as from JavaScript
  return cache.iterKeys(pattern, options).next();
}
