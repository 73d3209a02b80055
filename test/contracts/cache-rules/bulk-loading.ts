import assert from "node:assert/strict";
import { EncodeError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertTypeError,
  brief,
  type CacheRule,
  call,
  gate,
  generated,
  minuteMs,
  momentMs,
  mustNotRun,
  rule,
  times,
  usualMs,
} from "./cache-rule.ts";

/** A loader that returns a value for each key and records the keys of each call. */
function noting(): { asked: string[][]; load: (keys: string[]) => Promise<Map<string, string>> } {
  const asked: string[][] = [];
  const load = async (keys: string[]): Promise<Map<string, string>> => {
    asked.push(keys);
    return new Map(keys.map((key) => [key, `made ${key}`]));
  };
  return { asked, load };
}

/** Returns a loader that ignores the keys and always returns the same entries. */
function giving(entries: Readonly<Record<string, unknown>>): () => Promise<Map<string, unknown>> {
  return async () => new Map(Object.entries(entries));
}

/** What `getOrSetMany` promises. */
export const bulkLoadingRules: readonly CacheRule[] = [
  rule("getOrSetMany loads what is missing, and nothing else", async ({ cache }) => {
    await cache.set("b", "stored");
    const { asked, load } = noting();
    const found = await cache.getOrSetMany(["c", "b", "a"], load);
    assert.deepEqual([...found], Object.entries({ c: "made c", b: "stored", a: "made a" }));
    assert.deepEqual(asked, [["c", "a"]]);
  }),
  rule("getOrSetMany stores what was loaded", async ({ cache }) => {
    await cache.getOrSetMany(["a", "b"], noting().load);
    assert.equal(await cache.get("a"), "made a");
    await assertLives(cache, "b", usualMs);
  }),
  rule("getOrSetMany loads nothing where nothing is missing", async ({ cache }) => {
    await cache.setMany({ a: 1, b: null });
    assert.deepEqual(
      [...(await cache.getOrSetMany(["a", "b"], mustNotRun))],
      Object.entries({ a: 1, b: null }),
    );
    assert.deepEqual(await cache.getOrSetMany([], mustNotRun), new Map());
  }),
  rule("getOrSetMany takes a generator, and each key once", async ({ cache }) => {
    const { asked, load } = noting();
    const found = await cache.getOrSetMany(generated(["a", "b", "a"]), load);
    assert.deepEqual([...found.keys()], ["a", "b"]);
    assert.deepEqual(asked, [["a", "b"]]);
  }),
  rule("keys that the loader leaves out are left out, and not stored", async ({ cache }) => {
    const found = await cache.getOrSetMany(["a", "b"], async () => new Map([["b", 2]]));
    assert.deepEqual([...found], [["b", 2]]);
    assert.equal(await cache.has("a"), false);
  }),
  rule("keys that nobody asked for are neither answered nor stored", async ({ cache }) => {
    const found = await cache.getOrSetMany(["a"], giving({ a: 1, x: 9 }));
    assert.deepEqual([...found], [["a", 1]]);
    assert.equal(await cache.has("x"), false);
  }),
  rule("a loader may give a list of pairs, and need not be asynchronous", async ({ cache }) => {
    const found = await cache.getOrSetMany(["a"], (keys) => keys.map((key) => [key, 1]));
    assert.deepEqual([...found], [["a", 1]]);
  }),
  rule("a null from the loader is stored", async ({ cache }) => {
    await cache.getOrSetMany(["a"], async () => new Map([["a", null]]));
    assert.equal(await cache.get("a", { default: "spare" }), null);
  }),
  rule("an undefined from the loader is not stored", async ({ cache }) => {
    await cache.getOrSetMany(["a", "b"], giving({ a: undefined, b: 1 }));
    assert.deepEqual(await cache.keys("*"), ["b"]);
  }),
  rule("negativeTtl is the lifetime of each null that was loaded", async ({ cache }) => {
    const options = { ttl: "1h", negativeTtl: "1m" };
    await cache.getOrSetMany(["a", "b"], giving({ a: null, b: 1 }), options);
    await assertLives(cache, "a", minuteMs);
    await assertLives(cache, "b", 60 * minuteMs);
  }),
  rule("a loader may give an object; what is no entries is a TypeError", async ({ cache }) => {
    const given = await call(cache, "getOrSetMany", ["a"], () => ({ a: 1 }));
    assert.deepEqual(given, new Map([["a", 1]]));
    await assertTypeError(call(cache, "getOrSetMany", ["b"], () => undefined));
  }),
  rule("a remembered undefined is absent for get and getMany", async ({ cache }) => {
    await cache.getOrSet("a", () => undefined, { negativeTtl: "1m" });
    assert.equal(await cache.get("a", { default: "spare" }), "spare");
    assert.deepEqual([...(await cache.getMany(["a"]))], []);
  }),
  rule("with negativeTtl getOrSetMany remembers undefined too", async ({ cache, pass }) => {
    let loads = 0;
    const load = (keys: string[]): Map<string, undefined> => {
      loads += 1;
      return new Map(keys.map((key) => [key, undefined]));
    };
    await cache.getOrSetMany(["a"], load, { negativeTtl: brief });
    await cache.getOrSetMany(["a"], load, { negativeTtl: brief });
    assert.equal(loads, 1);
    await pass(momentMs);
    await cache.getOrSetMany(["a"], load, { negativeTtl: brief });
    assert.equal(loads, 2);
  }),
  rule("overlapping calls at once load each key once", async ({ cache }) => {
    const { asked, load } = noting();
    const door = gate();
    const slow = async (keys: string[]): Promise<Map<string, string>> => {
      await door.promise;
      return load(keys);
    };
    const calls = [
      cache.getOrSetMany(["a", "b"], slow),
      cache.getOrSetMany(["b", "c"], slow),
      cache.getOrSetMany(["c", "a"], slow),
    ];
    door.open();
    const found = await Promise.all(calls);
    assert.deepEqual(
      found.map((map) => Array.from(map.keys()).join(" ")),
      ["a b", "b c", "c a"],
    );
    assert.deepEqual(asked.flat().toSorted(), ["a", "b", "c"]);
  }),
  rule("a hundred equal calls at once load once", async ({ cache }) => {
    const { asked, load } = noting();
    const keys = times(20, (index) => `key ${index}`);
    await Promise.all(times(100, () => cache.getOrSetMany(keys, load)));
    assert.deepEqual(asked.flat().toSorted(), keys.toSorted());
  }),
  rule(
    "a key that one call's loader left out is left out for those who joined",
    async ({ cache }) => {
      const door = gate();
      const none = async (): Promise<Map<string, number>> => {
        await door.promise;
        return new Map();
      };
      const calls = [cache.getOrSetMany(["a"], none), cache.getOrSetMany(["a"], none)];
      door.open();
      assert.deepEqual(await Promise.all(calls), [new Map(), new Map()]);
    },
  ),
  rule("a loader's own error comes through unchanged, and nothing is stored", async ({ cache }) => {
    const error = new RangeError("mine");
    const failing = cache.getOrSetMany(["a", "b"], () => Promise.reject(error));
    await assert.rejects(failing, (caught) => caught === error);
    assert.deepEqual(await cache.keys("*"), []);
    assert.equal((await cache.getOrSetMany(["a"], noting().load)).size, 1);
  }),
  rule(
    "a value that cannot be stored is an EncodeError, and nothing is stored",
    async ({ cache }) => {
      const failing = cache.getOrSetMany(["a", "b"], giving({ a: 1, b: () => 1 }));
      await assert.rejects(failing, EncodeError);
      assert.deepEqual(await cache.keys("*"), []);
    },
  ),
  rule("a signal lets one caller go, and the load goes on", async ({ cache }) => {
    const door = gate();
    const controller = new AbortController();
    const reason = new Error("enough");
    const load = async (): Promise<Map<string, number>> => {
      await door.promise;
      return new Map([["a", 1]]);
    };
    const leaving = cache.getOrSetMany(["a"], load, { signal: controller.signal });
    const staying = cache.getOrSetMany(["a"], load);
    controller.abort(reason);
    await assert.rejects(leaving, (caught) => caught === reason);
    door.open();
    assert.deepEqual([...(await staying)], [["a", 1]]);
    assert.equal(await cache.get("a"), 1);
  }),
  rule("a bulk load leaves what was set or deleted after it began", async ({ cache }) => {
    const [door, running] = [gate(), gate()];
    const loading = cache.getOrSetMany(["a", "b", "c"], async (keys) => {
      running.open();
      await door.promise;
      return new Map(keys.map((key) => [key, "old"]));
    });
    await running.promise;
    await cache.set("a", "newer");
    await cache.set("b", "newer");
    await cache.delete("b");
    door.open();
    assert.deepEqual([...(await loading).values()], ["old", "old", "old"]);
    const left = await cache.getMany(["a", "b", "c"]);
    assert.deepEqual([...left], Object.entries({ a: "newer", c: "old" }));
  }),
  rule("with a ttl of 0 getOrSetMany stores nothing", async ({ cache }) => {
    const found = await cache.getOrSetMany(["a"], noting().load, { ttl: 0 });
    assert.equal(found.get("a"), "made a");
    assert.deepEqual(await cache.keys("*"), []);
  }),
  rule("a namespace's loader is asked for the namespace's keys", async ({ cache }) => {
    const { asked, load } = noting();
    await cache.namespace("n").getOrSetMany(["a"], load);
    assert.deepEqual(asked, [["a"]]);
    assert.equal(await cache.get("n:a"), "made a");
  }),
  ...[undefined, null, 5, "text"].map((keys) =>
    rule(`getOrSetMany of ${JSON.stringify(keys)} is a TypeError`, async ({ cache }) => {
      await assertTypeError(call(cache, "getOrSetMany", keys, () => new Map()));
    }),
  ),
];
