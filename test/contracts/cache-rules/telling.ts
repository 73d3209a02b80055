import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { Cache } from "../../../src/contracts/cache.ts";
import {
  ConfigurationError,
  EncodeError,
  NotAnIntegerError,
} from "../../../src/contracts/errors.ts";
import type { CacheStats } from "../../../src/contracts/events.ts";
import {
  assertTypeError,
  brief,
  type CacheRule,
  call,
  gate,
  momentMs,
  mustNotRun,
  rule,
} from "./cache-rule.ts";

type Told = readonly string[];

/** A listener as a user may write one, against the types: nobody waits for it. */
const rejecting: () => unknown = async () => assert.fail("later");

/** What each call tells, where `a` and `b` are stored and `nobody` is not. */
const tellings: readonly (readonly [string, (cache: Cache) => Promise<unknown>, Told])[] = [
  ["get of a stored key", (cache) => cache.get("a"), ["hit a"]],
  ["get of an absent key", (cache) => cache.get("nobody"), ["miss nobody"]],
  [
    "get of an absent key with a default",
    (cache) => cache.get("nobody", { default: 1 }),
    ["miss nobody"],
  ],
  ["getOrThrow of a stored key", (cache) => cache.getOrThrow("a"), ["hit a"]],
  ["getMany", (cache) => cache.getMany(["a", "nobody", "b"]), ["hit a", "hit b", "miss nobody"]],
  ["set", (cache) => cache.set("new", 1), ["write new"]],
  ["set nx that is refused", (cache) => cache.set("a", 1, { nx: true }), []],
  ["set xx that is refused", (cache) => cache.set("new", 1, { xx: true }), []],
  ["set with a ttl of 0 over a value", (cache) => cache.set("a", 1, { ttl: 0 }), ["delete a"]],
  ["set with a ttl of 0 over nothing", (cache) => cache.set("new", 1, { ttl: 0 }), []],
  ["add with a ttl of 0 over nothing", (cache) => cache.add("new", 1, { ttl: 0 }), []],
  ["add", (cache) => cache.add("new", 1), ["write new"]],
  ["add that is refused", (cache) => cache.add("a", 1), []],
  ["setMany", (cache) => cache.setMany({ x: 1, y: 2 }), ["write x", "write y"]],
  ["incr", (cache) => cache.incr("a"), ["write a"]],
  ["delete of a stored key", (cache) => cache.delete("a"), ["delete a"]],
  ["delete of an absent key", (cache) => cache.delete("nobody"), []],
  ["touch with a ttl of 0", (cache) => cache.touch("a", 0), ["delete a"]],
  ["expire with a ttl of 0", (cache) => cache.expire("a", 0), ["delete a"]],
  ["expireAt a later moment", (cache) => cache.expireAt("a", new Date(8.64e15)), []],
  ["expireAt a past moment", (cache) => cache.expireAt("a", new Date(1)), ["delete a"]],
  ["touch with a ttl of 0 of an absent key", (cache) => cache.touch("nobody", 0), []],
  ["touch", (cache) => cache.touch("a", "1m"), []],
  ["take of a stored key", (cache) => cache.take("a"), ["delete a", "hit a"]],
  ["take of an absent key", (cache) => cache.take("nobody"), ["miss nobody"]],
  ["getOrSet of a stored key", (cache) => cache.getOrSet("a", 1), ["hit a"]],
  ["getOrSet of an absent key", (cache) => cache.getOrSet("new", 1), ["miss new", "write new"]],
  ["getOrSet with a ttl of 0", (cache) => cache.getOrSet("new", 1, { ttl: 0 }), ["miss new"]],
  [
    "getOrSet with skip",
    (cache) => cache.getOrSet("new", (context) => (context.skip(), 1)),
    ["miss new"],
  ],
  [
    "getOrSetMany",
    (cache) => cache.getOrSetMany(["a", "new"], () => new Map([["new", 1]])),
    ["hit a", "miss new", "write new"],
  ],
  ["a namespace", (cache) => cache.namespace("n").set("key", 1), ["write n:key"]],
  ["has", (cache) => cache.has("a"), []],
  ["ttl", (cache) => cache.ttl("a"), []],
];

/** What events and statistics promise. */
export const tellingRules: readonly CacheRule[] = [
  ...tellings.map(([what, act, expected]) =>
    rule(`${what} tells ${expected.join(", ") || "nothing"}`, async ({ cache }) => {
      await cache.setMany({ a: 1, b: 2 });
      const told = listening(cache);
      await act(cache);
      assert.deepEqual(told.toSorted(), expected);
    }),
  ),
  rule("a deletePattern that was called off counts what it had deleted", async ({ cache }) => {
    await cache.setMany(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key ${i}`, i])));
    const stop = new AbortController();
    const deleting = cache.deletePattern("*", {
      scanCount: 5,
      onProgress: () => stop.abort(new RangeError("enough")),
      signal: stop.signal,
    });
    await assert.rejects(deleting, RangeError);
    const left = await cache.keys("*");
    assert.equal(cache.stats().deletes, 50 - left.length);
  }),
  rule("what a listener rejects with is logged, and disturbs nobody", async ({ open }) => {
    const logged: unknown[] = [];
    const logger = { error: (_message: string, error: unknown) => logged.push(error) };
    const cache = await open({ logger });
    cache.on("miss", rejecting);
    assert.equal(await cache.get("nobody"), undefined);
    await turn();
    assert.ok(logged[0] instanceof assert.AssertionError);
  }),
  rule("a logger that throws disturbs nobody", async ({ open }) => {
    const logger = { error: () => assert.fail("the logger") };
    const cache = await open({ logger, events: { miss: () => assert.fail("the listener") } });
    assert.equal(await cache.get("nobody"), undefined);
  }),
  rule("a listener may take itself off and put itself on again", async ({ cache }) => {
    let told = 0;
    const listener = (): void => {
      told += 1;
      cache.off("miss", listener).on("miss", listener);
    };
    cache.on("miss", listener);
    await cache.get("nobody");
    assert.equal(told, 1);
  }),
  rule("a load that came too late to be stored tells no write", async ({ cache }) => {
    const [door, running] = [gate(), gate()];
    const loading = cache.getOrSet("key", async () => {
      running.open();
      await door.promise;
      return "old";
    });
    await running.promise;
    await cache.delete("key");
    const told = listening(cache);
    door.open();
    await loading;
    assert.deepEqual(told, []);
  }),
  rule("setMany with a ttl of 0 tells no write", async ({ cache }) => {
    await cache.setMany({ a: 1 });
    const told = listening(cache);
    await cache.setMany({ a: 2, new: 2 }, { ttl: 0 });
    assert.deepEqual(
      told.filter((event) => event.startsWith("write")),
      [],
    );
  }),
  rule("an expired key is a miss", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    const told = listening(cache);
    await cache.get("key");
    assert.deepEqual(told, ["miss key"]);
  }),
  rule("an event names the cache", async ({ open }) => {
    const cache = await open({ name: "mine" });
    const names: string[] = [];
    cache.on("write", (event) => names.push(event.cache));
    await cache.namespace("n").set("key", 1);
    assert.deepEqual(names, ["mine"]);
    assert.deepEqual(
      [cache.name, cache.namespace("n").name, cache.stats().name],
      Array(3).fill("mine"),
    );
  }),
  rule("no event carries a value", async ({ cache }) => {
    const events: unknown[] = [];
    for (const event of ["hit", "miss", "write", "delete"] as const) {
      cache.on(event, (details) => events.push(...Object.keys(details)));
    }
    await cache.set("key", "secret");
    await cache.take("key");
    assert.deepEqual(new Set(events), new Set(["cache", "key"]));
  }),
  rule("a failure tells the method that was called", async ({ cache }) => {
    await cache.set("word", "word");
    const told = failuresOf(cache);
    await Promise.allSettled([
      cache.set("key", () => 1),
      cache.setMany({ key: () => 1 }),
      cache.incr("word"),
    ]);
    assert.deepEqual(told.toSorted(), ["set EncodeError", "setMany EncodeError"]);
  }),
  rule("a failing add tells that it was add", async ({ cache }) => {
    const told = failuresOf(cache);
    await assert.rejects(
      cache.add("key", () => 1),
      EncodeError,
    );
    assert.deepEqual(told, ["add EncodeError"]);
  }),
  rule("a count that fails tells no write", async ({ cache }) => {
    await cache.set("word", "word");
    const told = listening(cache);
    await assert.rejects(cache.incr("word"), NotAnIntegerError);
    assert.deepEqual(told, []);
  }),
  rule("a listener is called once, however often it was added", async ({ cache }) => {
    let heard = 0;
    const listener = (): void => {
      heard += 1;
    };
    assert.equal(cache.on("write", listener).on("write", listener), cache);
    await cache.set("key", 1);
    assert.equal(heard, 1);
  }),
  rule("a listener that was taken off is not called", async ({ cache }) => {
    cache.on("write", mustNotRun);
    assert.equal(cache.off("write", mustNotRun), cache);
    cache.off("write", mustNotRun);
    await cache.set("key", 1);
  }),
  rule("listeners can be given from the start", async ({ open }) => {
    const heard: string[] = [];
    const cache = await open({ events: { write: ({ key }) => heard.push(key) } });
    await cache.set("key", 1);
    assert.deepEqual(heard, ["key"]);
  }),
  rule("a view hears what its cache does, and the other way round", async ({ cache }) => {
    const view = cache.namespace("n");
    const told = listening(view);
    await cache.set("key", 1);
    await view.set("key", 1);
    assert.deepEqual(told, ["write key", "write n:key"]);
  }),
  rule("what a listener throws is logged, and reaches no caller", async ({ open }) => {
    const logged: unknown[] = [];
    const cache = await open({ logger: { error: (...details) => logged.push(...details) } });
    const error = new Error("a bad listener");
    cache.on("write", () => {
      throw error;
    });
    const told = listening(cache);
    assert.equal(await cache.set("key", 1), true);
    assert.ok(logged.includes(error));
    assert.deepEqual(told, ["write key"]);
  }),
  rule("an event that does not exist is a ConfigurationError", async ({ cache, open }) => {
    await assert.rejects(
      call(cache, "on", "hits", () => {}),
      ConfigurationError,
    );
    await assert.rejects(
      call(cache, "off", "hits", () => {}),
      ConfigurationError,
    );
    const events = { hits: () => {} } as Record<string, () => void>;
    await assert.rejects(open({ events }), ConfigurationError);
  }),
  rule("a listener must be a function", async ({ cache }) => {
    await assertTypeError(call(cache, "on", "hit", "listener"));
    await assertTypeError(call(cache, "on", "hit"));
  }),
  rule("a new cache has counted nothing", async ({ cache }) => {
    assert.deepEqual({ ...cache.stats(), name: "" }, { ...none, name: "" });
  }),
  rule("statistics count hits, misses, writes, deletes and loads", async ({ cache }) => {
    await cache.set("a", 1);
    await cache.setMany({ b: 2, c: 3 });
    await cache.getMany(["a", "b", "nobody"]);
    await cache.get("a");
    await cache.getOrSet("d", () => 4);
    await cache.getOrSetMany(["d", "e"], () => new Map([["e", 5]]));
    await cache.delete("a");
    await cache.deleteMany(["b", "nobody"]);
    await cache.deletePattern("c");
    await cache.namespace("n").set("key", 1);
    const { hits, misses, writes, deletes, loads, hitRate } = cache.stats();
    assert.deepEqual(
      { hits, misses, writes, deletes, loads },
      { hits: 4, misses: 3, writes: 6, deletes: 3, loads: 2 },
    );
    assert.equal(hitRate, 4 / 7);
    assert.deepEqual(cache.namespace("n").stats(), cache.stats());
  }),
  rule("statistics count failures", async ({ cache }) => {
    await Promise.allSettled([cache.set("key", () => 1), cache.set("key", Symbol("sign"))]);
    const { errors, ignoredErrors, writes } = cache.stats();
    assert.deepEqual({ errors, ignoredErrors, writes }, { errors: 2, ignoredErrors: 0, writes: 0 });
  }),
  rule(
    "statistics tell how many calls are under way, in a view as in its cache",
    async ({ cache }) => {
      await cache.set("key", 1);
      const view = cache.namespace("n");
      const reads = [cache.get("key"), cache.get("key"), view.get("key")];
      assert.deepEqual([cache.stats().pending, view.stats().pending], [3, 3]);
      await Promise.all(reads);
      assert.deepEqual([cache.stats().pending, view.stats().pending], [0, 0]);
    },
  ),
];

const none: CacheStats = {
  name: "",
  hits: 0,
  misses: 0,
  hitRate: 0,
  writes: 0,
  deletes: 0,
  loads: 0,
  errors: 0,
  ignoredErrors: 0,
  pending: 0,
  circuit: "closed",
};

/** Returns a list to which every event of a key is added from now on. */
function listening(cache: Cache): string[] {
  const told: string[] = [];
  for (const event of ["hit", "miss", "write", "delete"] as const) {
    cache.on(event, ({ key }) => told.push(`${event} ${key}`));
  }
  return told;
}

function failuresOf(cache: Cache): string[] {
  const told: string[] = [];
  cache.on("error", ({ operation, error, ignored }) => {
    assert.equal(ignored, false);
    told.push(`${operation} ${error instanceof Error ? error.name : typeof error}`);
  });
  return told;
}
