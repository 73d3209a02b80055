import { afterEach, describe, expect, test } from "vitest";
import { UnknownCacheError } from "./contracts/errors.ts";
import type { CacheOptions } from "./contracts/options.ts";
import { type CacheCollection, createCaches } from "./create-caches.ts";

const opened: CacheCollection[] = [];

function open<Alias extends string>(options: Record<Alias, CacheOptions>) {
  const caches = createCaches(options);
  opened.push(caches);
  return caches;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((caches) => caches.close()));
});

function errorOf(options: unknown): unknown {
  try {
    createCaches(options as Record<string, CacheOptions>);
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("createCaches", () => {
  test("gives each cache by its alias, and by get", () => {
    const caches = open({ default: {}, sessions: { ttl: "14d" } });
    expect(caches.get("sessions")).toBe(caches.sessions);
    expect(caches.get("default")).toBe(caches.default);
  });

  test("names each cache after its alias, unless it has a name", () => {
    const caches = open({ plain: {}, named: { name: "other" } });
    expect([caches.plain.name, caches.named.name]).toEqual(["plain", "other"]);
  });

  test("an alias there is not is an error that names those there are", () => {
    const caches = open({ one: {}, two: {} });
    for (const alias of ["three", "", "toString", "__proto__", "close"]) {
      expect(() => caches.get(alias)).toThrow(UnknownCacheError);
    }
    expect(() => caches.get("three")).toThrow('no cache named "three"; configured: "one", "two"');
  });

  test("none at all is none at all", () => {
    expect(() => open({}).get("default")).toThrow("configured: none");
  });

  test("caches of memory: do not meet", async () => {
    const caches = open({ one: {}, two: {} });
    await caches.one.set("key", 1);
    expect(await caches.two.get("key")).toBeUndefined();
  });

  test("close closes all, and twice is harmless", async () => {
    const caches = open({ one: {}, two: { location: "dummy:" } });
    await caches.close();
    await caches.close();
    for (const cache of [caches.one, caches.two]) {
      await expect(cache.get("key")).rejects.toMatchObject({ code: "CLOSED" });
    }
  });

  test("leaving a scope closes all", async () => {
    let left: { get(alias: string): { get(key: string): Promise<unknown> } };
    {
      await using caches = createCaches({ one: {} });
      left = caches;
    }
    await expect(left.get("one").get("key")).rejects.toMatchObject({ code: "CLOSED" });
  });

  test("an unknown option says which", () => {
    expect(errorOf({ one: {}, two: { tll: 5 } })).toMatchObject({ option: "tll" });
  });

  test.each([null, undefined, "redis://a", 5, []])(
    "options that are %j are a TypeError",
    (options) => {
      expect(errorOf(options)).toBeInstanceOf(TypeError);
    },
  );

  test.each([null, "redis://localhost", 5, []])(
    "an alias whose options are %j is a TypeError",
    (options) => {
      expect(errorOf({ one: options })).toBeInstanceOf(TypeError);
    },
  );

  test.each(["", "get", "close", "then", "toString", "constructor", "hasOwnProperty", "__proto__"])(
    "the alias %j is taken",
    (alias) => {
      const options = Object.fromEntries([[alias, {}]]);
      expect(errorOf(options)).toMatchObject({ code: "CONFIGURATION", option: "alias" });
    },
  );
});

describe("two caches of one database", () => {
  const one = "redis://127.0.0.1:1/0";

  test.each<readonly [string, CacheOptions, CacheOptions]>([
    ["a and a:1", { keyPrefix: "a" }, { keyPrefix: "a:1" }],
    ["a:1 and a", { keyPrefix: "a:1" }, { keyPrefix: "a" }],
    ["none and :1", {}, { keyPrefix: ":1" }],
    ["a and a:-2:b", { keyPrefix: "a" }, { keyPrefix: "a:-2:b" }],
    [
      "one named memory",
      { location: "memory:x", keyPrefix: "a" },
      { location: "memory:x", keyPrefix: "a:1" },
    ],
    [
      "spelt differently",
      { location: "redis://127.0.0.1:1?db=0", keyPrefix: "a" },
      { keyPrefix: "a:1" },
    ],
    [
      "as different users",
      { location: "redis://u:p@127.0.0.1:1", keyPrefix: "a" },
      { keyPrefix: "a:1" },
    ],
  ])("may not have prefixes that collide: %s", (_which, first, second) => {
    const options = { first: { location: one, ...first }, second: { location: one, ...second } };
    expect(errorOf(options)).toMatchObject({ code: "CONFIGURATION", option: "keyPrefix" });
  });

  test("are named in what is said of them", () => {
    const options = {
      first: { location: one, keyPrefix: "a" },
      second: { location: one, keyPrefix: "a:1" },
    };
    expect((errorOf(options) as Error).message).toContain('"first" and "second"');
  });

  test.each<readonly [string, CacheOptions, CacheOptions]>([
    ["the same", { keyPrefix: "a" }, { keyPrefix: "a" }],
    ["a and ab", { keyPrefix: "a" }, { keyPrefix: "ab" }],
    ["a and a:b", { keyPrefix: "a" }, { keyPrefix: "a:b" }],
    ["a and a:1b", { keyPrefix: "a" }, { keyPrefix: "a:1b" }],
    [
      "other databases",
      { keyPrefix: "a" },
      { location: "redis://127.0.0.1:1/1", keyPrefix: "a:1" },
    ],
    ["other servers", { keyPrefix: "a" }, { location: "redis://127.0.0.1:2/0", keyPrefix: "a:1" }],
    [
      "stores of their own",
      { location: "memory:", keyPrefix: "a" },
      { location: "memory:", keyPrefix: "a:1" },
    ],
  ])("may have prefixes that do not: %s", (_which, first, second) => {
    const options = { first: { location: one, ...first }, second: { location: one, ...second } };
    expect(errorOf(options)).toBeUndefined();
  });
});
