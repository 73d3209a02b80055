import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { EncodeError, NotAnIntegerError } from "../../../src/contracts/errors.ts";
import { brief, type CacheRule, eventsOf, gate, momentMs, rule } from "./cache-rule.ts";

type Events = readonly string[];

/** The events that each call emits where `a` and `b` are stored and `nobody` is not. */
const emissions: readonly (readonly [string, (cache: Cache) => Promise<unknown>, Events])[] = [
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

/** Which events a cache emits, and what they carry. */
export const eventRules: readonly CacheRule[] = [
  ...emissions.map(([what, act, expected]) =>
    rule(`${what} tells ${expected.join(", ") || "nothing"}`, async ({ cache }) => {
      await cache.setMany({ a: 1, b: 2 });
      const emitted = eventsOf(cache);
      await act(cache);
      assert.deepEqual(emitted.toSorted(), expected);
    }),
  ),
  rule("a load that came too late to be stored tells no write", async ({ cache }) => {
    const [door, running] = [gate(), gate()];
    const loading = cache.getOrSet("key", async () => {
      running.open();
      await door.promise;
      return "old";
    });
    await running.promise;
    await cache.delete("key");
    const emitted = eventsOf(cache);
    door.open();
    await loading;
    assert.deepEqual(emitted, []);
  }),
  rule("setMany with a ttl of 0 tells no write", async ({ cache }) => {
    await cache.setMany({ a: 1 });
    const emitted = eventsOf(cache);
    await cache.setMany({ a: 2, new: 2 }, { ttl: 0 });
    assert.deepEqual(
      emitted.filter((event) => event.startsWith("write")),
      [],
    );
  }),
  rule("an expired key is a miss", async ({ cache, pass }) => {
    await cache.set("key", 1, { ttl: brief });
    await pass(momentMs);
    const emitted = eventsOf(cache);
    await cache.get("key");
    assert.deepEqual(emitted, ["miss key"]);
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
    const emitted = failuresOf(cache);
    await Promise.allSettled([
      cache.set("key", () => 1),
      cache.setMany({ key: () => 1 }),
      cache.incr("word"),
    ]);
    assert.deepEqual(emitted.toSorted(), ["set EncodeError", "setMany EncodeError"]);
  }),
  rule("a failing add tells that it was add", async ({ cache }) => {
    const emitted = failuresOf(cache);
    await assert.rejects(
      cache.add("key", () => 1),
      EncodeError,
    );
    assert.deepEqual(emitted, ["add EncodeError"]);
  }),
  rule("a count that fails tells no write", async ({ cache }) => {
    await cache.set("word", "word");
    const emitted = eventsOf(cache);
    await assert.rejects(cache.incr("word"), NotAnIntegerError);
    assert.deepEqual(emitted, []);
  }),
];

/** Returns a list that grows by one entry with every `error` event. */
function failuresOf(cache: Cache): string[] {
  const emitted: string[] = [];
  cache.on("error", ({ operation, error, ignored }) => {
    assert.equal(ignored, false);
    emitted.push(`${operation} ${error instanceof Error ? error.name : typeof error}`);
  });
  return emitted;
}
