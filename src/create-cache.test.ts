import { describe, expect, test } from "vitest";
import type { CacheOptions } from "./contracts/options.ts";
import { createCache } from "./create-cache.ts";

/** The options, what is thrown for them, and what its message says. */
type Row = readonly [
  options: Record<string, unknown>,
  error: "TypeError" | { readonly option: string },
  message: RegExp,
];

function of(option: string): { readonly option: string } {
  return { option };
}

function errorOf(options: unknown): unknown {
  try {
    createCache(options as CacheOptions);
  } catch (error) {
    return error;
  }
  return undefined;
}

function expectRefused(options: unknown, expected: Row[1], message: RegExp): void {
  const error = errorOf(options);
  const fields =
    expected === "TypeError"
      ? { name: "TypeError" }
      : { name: "ConfigurationError", code: "CONFIGURATION", ...expected };
  expect(error).toMatchObject(fields);
  expect((error as Error).message).toMatch(message);
}

const custom = { encode: () => "", decode: () => null };

const options: readonly Row[] = [
  [{ colour: 1 }, of("colour"), /"colour" of a cache is not known; known: location, client/],
  [{ tll: 1 }, of("tll"), /"tll" of a cache is not known/],
  [{ Location: "memory:" }, of("Location"), /not known/],
  [{ toString: 1 }, of("toString"), /not known/],
  [{ constructor: 1 }, of("constructor"), /not known/],
  [{ coalesce: "always" }, "TypeError", /coalesce/],
  [{ circuitBreaker: true }, "TypeError", /circuitBreaker must be false or an object/],
  [
    { circuitBreaker: { treshold: 5 } },
    of("circuitBreaker"),
    /"treshold" of circuitBreaker is not known; known: threshold, cooldown/,
  ],
  [{ circuitBreaker: { threshold: 0 } }, "TypeError", /circuitBreaker.threshold.*0/],
  [{ circuitBreaker: { cooldown: 0 } }, "TypeError", /circuitBreaker.cooldown/],
  [{ circuitBreaker: { cooldown: null } }, "TypeError", /circuitBreaker.cooldown/],
  [{ maxPending: 0 }, "TypeError", /maxPending.*0/],
  [{ maxPendingBytes: 1.5 }, "TypeError", /maxPendingBytes.*1.5/],
  [{ nearCache: 5 }, "TypeError", /nearCache must be a boolean, or an object/],
  [{ nearCache: null }, "TypeError", /nearCache must be/],
  [
    { nearCache: { maxSize: 5 } },
    of("nearCache"),
    /"maxSize" of nearCache is not known; known: maxEntries, maxBytes, maxAge/,
  ],
  [{ nearCache: { maxEntries: 0 } }, "TypeError", /nearCache.maxEntries.*0/],
  [{ nearCache: { maxEntries: 2 ** 24 + 1 } }, "TypeError", /nearCache.maxEntries/],
  [{ nearCache: { maxBytes: 1.5 } }, "TypeError", /nearCache.maxBytes.*1.5/],
  [{ nearCache: { maxAge: 0 } }, "TypeError", /nearCache.maxAge must be longer than zero/],
  [{ nearCache: { maxAge: "soon" } }, "TypeError", /nearCache.maxAge.*"soon"/],
  [{ readFrom: "any" }, of("readFrom"), /not available/],

  [{ ttl: Number.NaN }, "TypeError", /^ttl must be .*NaN/],
  [{ ttl: Infinity }, "TypeError", /^ttl must be .*Infinity/],
  [{ ttl: "5 parsecs" }, "TypeError", /^ttl must be .*"5 parsecs"/],
  [{ ttl: "5" }, "TypeError", /^ttl must be .*"5"/],
  [{ ttl: "" }, "TypeError", /^ttl must be .*""/],
  [{ ttl: "m" }, "TypeError", /^ttl/],
  [{ ttl: "1e3s" }, "TypeError", /^ttl/],
  [{ ttl: "5M" }, "TypeError", /^ttl/],
  [{ ttl: true }, "TypeError", /^ttl must be .*boolean/],
  [{ ttl: 5n }, "TypeError", /^ttl must be/],
  [{ ttl: {} }, "TypeError", /^ttl must be .*object/],
  [{ ttl: [5] }, "TypeError", /^ttl must be/],
  [{ ttl: new Date() }, "TypeError", /^ttl must be/],
  [{ ttl: 1e300 }, "TypeError", /^ttl must be/],
  [{ ttl: Symbol("x") }, "TypeError", /^ttl must be/],
  [{ connectTimeout: 0 }, "TypeError", /^connectTimeout must be longer than zero/],
  [{ connectTimeout: -1 }, "TypeError", /^connectTimeout/],
  [{ connectTimeout: "soon" }, "TypeError", /^connectTimeout .*"soon"/],
  [{ commandTimeout: 0 }, "TypeError", /^commandTimeout/],
  [{ commandTimeout: Number.NaN }, "TypeError", /^commandTimeout .*NaN/],

  [{ keyPrefix: 1 }, "TypeError", /^keyPrefix must be a string, got number/],
  [{ keyPrefix: "\ud800" }, "TypeError", /^keyPrefix .*surrogate/],
  [{ version: 1.5 }, "TypeError", /^version must be a whole number, got 1.5/],
  [{ version: "1" }, "TypeError", /^version must be a whole number, got a string/],
  [{ version: Number.NaN }, "TypeError", /^version/],
  [{ version: 2 ** 53 }, "TypeError", /^version/],
  [{ keyFunction: (key: string) => key }, "TypeError", /both/],
  [{ reverseKeyFunction: (key: string) => key }, "TypeError", /both/],
  [{ keyFunction: "a", reverseKeyFunction: "b" }, "TypeError", /functions/],

  [{ serializer: "yaml" }, of("serializer"), /"auto", "json", "msgpack", "raw"/],
  [{ serializer: "pickle" }, of("serializer"), /serializer must be/],
  [{ serializer: "AUTO" }, of("serializer"), /serializer/],
  [{ serializer: 1 }, of("serializer"), /serializer/],
  [{ serializer: {} }, of("serializer"), /encode and decode/],
  [{ serializer: { name: "x", encode: () => "" } }, of("serializer"), /encode and decode/],
  [{ serializer: custom }, of("serializer"), /name of a custom serializer/],
  [{ serializer: { ...custom, name: "" } }, of("serializer"), /name of a custom serializer/],
  [{ compressor: "rar" }, of("compressor"), /"none"/],
  [{ compressor: true }, of("compressor"), /compressor/],
  [{ compressor: { name: "x" } }, of("compressor"), /compress and decompress/],
  [{ serializer: "raw", compressor: "gzip" }, of("compressor"), /raw/],
  [{ compressMinBytes: -1 }, of("compressMinBytes"), /whole number of bytes/],
  [{ compressMinBytes: 1.5 }, of("compressMinBytes"), /whole number of bytes/],
  [{ compressMinBytes: "1kb" }, of("compressMinBytes"), /whole number of bytes/],
  [{ maxValueBytes: 0 }, of("maxValueBytes"), /1 or more/],
  [{ maxValueBytes: Infinity }, of("maxValueBytes"), /Infinity/],

  [{ ignoreErrors: "yes" }, "TypeError", /^ignoreErrors must be true or false, got string/],
  [{ ignoreErrors: 1 }, "TypeError", /^ignoreErrors/],
  [{ logIgnoredErrors: 0 }, "TypeError", /^logIgnoredErrors/],
  [{ logger: {} }, "TypeError", /^logger must have a method error/],
  [{ logger: () => undefined }, "TypeError", /^logger/],
  [{ scanCount: 0 }, "TypeError", /^scanCount must be a whole number of at least 1, got 0/],
  [{ scanCount: "10" }, "TypeError", /^scanCount/],
  [{ scanCount: 1.5 }, "TypeError", /^scanCount/],
  [{ maxEntries: 0 }, "TypeError", /^maxEntries/],
  [{ maxEntries: Infinity }, "TypeError", /^maxEntries/],
  [{ name: 1 }, "TypeError", /^name must be a string/],
  [{ clock: {} }, "TypeError", /^clock/],
  [{ clock: () => 0 }, "TypeError", /^clock/],
  [{ events: { hits: () => undefined } }, of("events"), /"hits"; known: hit, miss/],
  [{ events: { hit: "log" } }, "TypeError", /listener of "hit" must be a function/],
  [{ events: "hit" }, "TypeError", /events/],

  [{ location: "redis://a", tls: {} }, of("tls"), /tls needs a rediss:/],
  [{ location: "unix:///a.sock", tls: {} }, of("tls"), /tls needs a rediss:/],
  [{ location: "rediss://a", tls: true }, "TypeError", /^tls/],
  [{ location: "redis://a", username: 1 }, "TypeError", /^username must be a string/],
  [{ location: "redis://a", password: 1 }, "TypeError", /^password must be a string/],
  [{ location: "redis://a", password: null }, "TypeError", /^password must be a string/],
];

/** `null` is a value of the user's, and not "left out", which is `undefined`. */
const nulls: readonly Row[] = [
  [{ location: null }, of("location"), /location/],
  [{ connectTimeout: null }, "TypeError", /^connectTimeout must .* end, got/],
  [{ commandTimeout: null }, "TypeError", /^commandTimeout must .* end, got/],
  [{ keyPrefix: null }, "TypeError", /^keyPrefix/],
  [{ version: null }, "TypeError", /^version/],
  [{ serializer: null }, of("serializer"), /serializer/],
  [{ compressor: null }, of("compressor"), /compressor/],
  [{ compressMinBytes: null }, of("compressMinBytes"), /whole number/],
  [{ maxValueBytes: null }, of("maxValueBytes"), /whole number/],
  [{ ignoreErrors: null }, "TypeError", /^ignoreErrors/],
  [{ logIgnoredErrors: null }, "TypeError", /^logIgnoredErrors/],
  [{ logger: null }, "TypeError", /^logger/],
  [{ scanCount: null }, "TypeError", /^scanCount/],
  [{ maxEntries: null }, "TypeError", /^maxEntries/],
  [{ name: null }, "TypeError", /^name/],
  [{ clock: null }, "TypeError", /^clock/],
  [{ events: null }, "TypeError", /events/],
  [{ location: "rediss://a", tls: null }, "TypeError", /^tls/],
];

const locations: readonly (readonly [string, RegExp])[] = [
  ["", /^location .*; this version takes "memory:"/],
  ["localhost", /^location .*; this version takes "memory:"/],
  ["localhost:6379", /^location .*; this version takes "memory:"/],
  ["//localhost", /^location .*; this version takes "memory:"/],
  ["redis", /^location .*; this version takes "memory:"/],
  ["memory", /^location .*; this version takes "memory:"/],
  ["dummy", /^location .*; this version takes "memory:"/],
  ["dummy:x", /^location .*; this version takes "memory:"/],
  ["http://localhost", /^location .*; this version takes "memory:"/],
  ["mysql://localhost", /^location .*; this version takes "memory:"/],
  ["file:///tmp/cache", /^location .*; this version takes "memory:"/],
  ["redis+sentinel://a:1,b:2/mymaster/0", /^location .*; this version takes "memory:"/],
  ["redis+cluster://a:1,b:2", /^location .*; this version takes "memory:"/],
  ["redis://a,redis://b", /location/],
  ["redis://a:1,b:2/0", /location/],
  ["redis://a,b/0", /list of servers, which this version does not offer yet/],
  ["redis:", /is not a URL/],
  ["redis:localhost", /is not a URL/],
  ["redis:/localhost", /is not a URL/],
  ["redis://", /names no host/],
  ["redis:///1", /names no host/],
  ["redis://host:port", /is not a URL/],
  ["redis://host:99999", /is not a URL/],
  ["redis://host:-1", /is not a URL/],
  ["redis://ho st", /is not a URL/],
  ["redis://[::1", /is not a URL/],
  ["redis://host/one", /database that is not a whole number/],
  ["redis://host/-1", /database that is not a whole number/],
  ["redis://host/1.5", /database that is not a whole number/],
  ["redis://host/1/2", /database that is not a whole number/],
  ["redis://host/9999999999", /database that is not a whole number/],
  ["redis://host?db=x", /database that is not a whole number/],
  ["redis://host?db=-1", /database that is not a whole number/],
  ["redis://host?database=1", /has a query parameter other than "db"/],
  ["redis://host?db=1&timeout=5", /has a query parameter other than "db"/],
  ["redis://host/0#main", /"#"; write it as %23/],
  ["redis://u:100%@host", /"%"|not a URL/],
  ["redis://u:%zz@host", /"%" that begins no percent-encoding; write it as %25/],
  ["unix:", /is not a URL/],
  ["unix:/tmp/redis.sock", /is not a URL/],
  ["unix://", /absolute path/],
  ["unix:///", /absolute path/],
  ["unix://tmp/redis.sock", /absolute path/],
  ["unix://./redis.sock", /absolute path/],
  ["unix:///redis.sock?db=a", /database that is not a whole number/],
  ["unix:///redis.sock?path=a", /has a query parameter other than "db"/],
  ["unix:///redis%.sock", /"%"/],
];

const notStrings: readonly (readonly [unknown, RegExp])[] = [
  [["redis://a", "redis://b"], /a list/],
  [[], /a list/],
  [{ cluster: ["redis://a"] }, /type object/],
  [{ sentinels: ["a:1"], name: "mymaster" }, /type object/],
  [{ shards: ["redis://a/0"] }, /type object/],
  [new URL("redis://localhost"), /type object/],
  [6379, /type number/],
  [true, /type boolean/],
];

const clients: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["a plain object", {}],
  ["a URL", "redis://localhost"],
  ["a function", () => undefined],
  ["an array", []],
  ["what looks like ioredis", { status: "ready", sendCommand() {}, call() {}, get() {}, set() {} }],
  ["a cluster", { masters: [], isReady: true, withTypeMapping() {}, sendCommand() {} }],
  ["a sentinel", { getSentinelNode() {}, isReady: true, withTypeMapping() {}, sendCommand() {} }],
  ["a pool", { idleClients: 1, totalClients: 1, execute() {}, sendCommand() {} }],
];

describe("createCache refuses", () => {
  test.each([null, "redis://localhost", 5, [], () => ({})])("options that are %j", (given) => {
    expectRefused(given, "TypeError", /options of a cache must be an object/);
  });

  test.each(options)("%o", (given, expected, message) => {
    expectRefused(given, expected, message);
  });

  test.each(nulls)("%o", (given, expected, message) => {
    expectRefused(given, expected, message);
  });

  test.each(locations)("the location %j", (location, message) => {
    expectRefused({ location }, of("location"), message);
  });

  test.each(notStrings)("the location %j, which is no string", (location, message) => {
    expectRefused({ location }, of("location"), message);
  });

  test.each(clients)("a client that is %s", (_what, client) => {
    expectRefused({ client }, of("client"), /node-redis client of one server/);
  });

  test.each(["location", "username", "password", "tls"])("a client with %s", (option) => {
    expectRefused({ client: {}, [option]: "x" }, of(option), /does not go with client/);
  });

  test.each(["username", "password", "tls"])("%s without a location", (option) => {
    expectRefused({ [option]: "x" }, of(option), /name a location/);
  });
});

describe("createCache takes", () => {
  test.each<CacheOptions>([
    {},
    { ttl: null },
    { ttl: 0 },
    { ttl: -5 },
    { ttl: 0.001 },
    { ttl: " 1.5 h " },
    { ttl: "1w" },
    { version: -1 },
    { version: 0 },
    { keyPrefix: "a:b*[\\]" },
    { location: "memory:" },
    { location: "memory:name" },
    { location: "dummy:" },
    { location: "redis://localhost" },
    { location: "redis://[::1]:6380/2" },
    { location: "valkeys://user:p%40ss@host:1/2?db=3", tls: { rejectUnauthorized: false } },
    { location: "unix://u:p@/run/redis.sock?db=1" },
    { location: "redis://host/" },
    { location: "redis://host/007" },
    { compressMinBytes: 0, compressor: "brotli" },
    { scanCount: 1, maxEntries: 1, maxValueBytes: 1 },
    { serializer: { ...custom, name: "mine" } },
    { logger: console, events: { hit: () => undefined } },
  ])("%o", (given) => {
    expect(errorOf(given)).toBeUndefined();
  });

  test("undefined for an option that is left out", () => {
    const none = { location: undefined, ttl: undefined, client: undefined, tls: undefined };
    expect(errorOf(none)).toBeUndefined();
  });
});

test("each cache on memory: has a store of its own", async () => {
  const [one, other] = [createCache(), createCache()];
  await one.set("key", 1);
  expect(await other.get("key")).toBeUndefined();
});

test("caches on memory: with one name share a store", async () => {
  const [one, other] = [
    createCache({ location: "memory:x" }),
    createCache({ location: "memory:x" }),
  ];
  await one.set("key", 1);
  expect(await other.get("key")).toBe(1);
  await Promise.all([one.close(), other.close()]);
});
