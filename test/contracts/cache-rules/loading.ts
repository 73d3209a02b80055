import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { FactoryContext } from "../../../src/contracts/cache.ts";
import { EncodeError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertTypeError,
  type CacheRule,
  call,
  gate,
  mustNotRun,
  rule,
  times,
  usualMs,
} from "./cache-rule.ts";

/** What `getOrSet` promises to its callers: what they get, and how often the factory runs. */
export const loadingRules: readonly CacheRule[] = [
  rule("who joins a load gets a value of its own", async ({ cache }) => {
    const load = (): Promise<{ n: number }> => cache.getOrSet("key", () => ({ n: 1 }));
    const [first, second] = await Promise.all([load(), load()]);
    first.n = 2;
    assert.deepEqual(second, { n: 1 });
  }),
  rule("who joins a hit gets a value of its own", async ({ cache }) => {
    await cache.set("key", { n: 1 });
    const load = (): Promise<{ n: number }> => cache.getOrSet("key", mustNotRun);
    const [first, second] = await Promise.all([load(), load()]);
    first.n = 2;
    assert.deepEqual(second, { n: 1 });
  }),
  rule("who joins a load whose stored form cannot be read shares the value", async ({ open }) => {
    const serializer = {
      name: "write-only",
      encode: () => "text",
      decode: () => assert.fail("not readable"),
    };
    const cache = await open({ serializer });
    const load = (): Promise<string> => cache.getOrSet("key", async () => "made");
    assert.deepEqual(await Promise.all([load(), load()]), ["made", "made"]);
  }),
  rule("getOrSet makes, stores and answers what is missing", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", async () => "made"), "made");
    assert.equal(await cache.get("key"), "made");
    await assertLives(cache, "key", usualMs);
  }),
  rule("getOrSet answers what is stored, and makes nothing", async ({ cache }) => {
    await cache.set("key", "stored");
    assert.equal(await cache.getOrSet<string>("key", mustNotRun), "stored");
  }),
  rule("getOrSet answers a stored null", async ({ cache }) => {
    await cache.set("key", null);
    assert.equal(await cache.getOrSet("key", mustNotRun), null);
  }),
  ...["text", 0, null, false, { a: 1 }, [1]].map((value) =>
    rule(`getOrSet takes ${JSON.stringify(value)} instead of a factory`, async ({ cache }) => {
      assert.deepEqual(await cache.getOrSet<unknown>("key", value), value);
      assert.deepEqual(await cache.get("key"), value);
    }),
  ),
  rule("getOrSet of undefined is a TypeError", async ({ cache }) => {
    await assertTypeError(call(cache, "getOrSet", "key", undefined));
    await assertTypeError(call(cache, "getOrSet", "key"));
  }),
  rule("a factory need not be asynchronous", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => 5), 5);
  }),
  rule("a factory is given the caller's key", async ({ cache }) => {
    const { key, signal } = await cache.namespace("n").getOrSet("key", contextKept);
    assert.equal(key, "key");
    assert.equal(signal, false);
  }),
  rule("a hundred who ask at once cost one load", async ({ cache }) => {
    let loads = 0;
    const door = gate();
    const factory = async (): Promise<number> => {
      await door.promise;
      return ++loads;
    };
    const asked = times(100, () => cache.getOrSet("key", factory));
    await turn();
    door.open();
    assert.deepEqual(
      await Promise.all(asked),
      times(100, () => 1),
    );
    assert.equal(loads, 1);
  }),
  rule("those who ask by different views of one key share a load", async ({ cache }) => {
    let loads = 0;
    const door = gate();
    const factory = async (): Promise<number> => {
      await door.promise;
      return ++loads;
    };
    const asked = [
      cache.getOrSet("n:key", factory),
      cache.namespace("n").getOrSet("key", factory),
      cache.withVersion(2).getOrSet("n:key", factory, { version: 1 }),
    ];
    door.open();
    assert.deepEqual(await Promise.all(asked), [1, 1, 1]);
  }),
  rule("keys and versions are loaded apart", async ({ cache }) => {
    const asked = [
      cache.getOrSet("a", () => "a1"),
      cache.getOrSet("b", () => "b1"),
      cache.getOrSet("a", () => "a2", { version: 2 }),
    ];
    assert.deepEqual(await Promise.all(asked), ["a1", "b1", "a2"]);
  }),
  rule("the factory's own error comes through unchanged, to all who wait", async ({ cache }) => {
    const error = new RangeError("mine");
    const failing = times(10, () => cache.getOrSet("key", () => Promise.reject(error)));
    for (const { reason } of (await Promise.allSettled(failing)) as PromiseRejectedResult[]) {
      assert.equal(reason, error);
    }
  }),
  rule("a failure is not stored: the next caller loads anew", async ({ cache }) => {
    await assert.rejects(cache.getOrSet("key", () => Promise.reject(new Error("once")), {}));
    assert.equal(await cache.has("key"), false);
    assert.equal(await cache.getOrSet("key", () => "made"), "made");
  }),
  rule("a factory that throws at once fails like any other", async ({ cache }) => {
    const error = new RangeError("mine");
    const factory = (): never => {
      throw error;
    };
    await assert.rejects(cache.getOrSet("key", factory), (caught) => caught === error);
    assert.equal(await cache.getOrSet("key", () => "made"), "made");
  }),
  rule("what cannot be stored is an EncodeError, and nothing is stored", async ({ cache }) => {
    await assert.rejects(
      cache.getOrSet("key", () => ({ call: () => 1 })),
      EncodeError,
    );
    assert.equal(await cache.has("key"), false);
  }),
  rule("a signal lets one waiter go, and the load goes on", async ({ cache }) => {
    const door = gate<string>();
    const controller = new AbortController();
    const reason = new Error("enough");
    const leaving = cache.getOrSet("key", () => door.promise, { signal: controller.signal });
    const staying = cache.getOrSet("key", () => "another");
    controller.abort(reason);
    await assert.rejects(leaving, (caught) => caught === reason);
    door.open("made");
    assert.equal(await staying, "made");
    assert.equal(await cache.get("key"), "made");
  }),
  rule("a signal given before lets nothing begin", async ({ cache }) => {
    const reason = new Error("never mind");
    const refused = cache.getOrSet("key", mustNotRun, { signal: AbortSignal.abort(reason) });
    await assert.rejects(refused, (caught) => caught === reason);
  }),
  rule("a signal that stays calm changes nothing", async ({ cache }) => {
    const { signal } = new AbortController();
    assert.equal(await cache.getOrSet("key", () => "made", { signal }), "made");
  }),
  rule('lock takes "process" only', async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => 1, { lock: "process" }), 1);
    const refused = call(cache, "getOrSet", "other", () => 1, { lock: "cluster" });
    await assert.rejects(refused, { name: "ConfigurationError", option: "lock" });
  }),
];

/** Returns the parts of a factory's context that a cache can store. */
function contextKept({ key, signal }: FactoryContext): { key: string; signal: boolean } {
  return { key, signal: signal.aborted };
}
