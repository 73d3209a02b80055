import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import type { Cache, FactoryContext } from "../../../src/contracts/cache.ts";
import { EncodeError } from "../../../src/contracts/errors.ts";
import {
  assertLives,
  assertTypeError,
  brief,
  type CacheRule,
  call,
  type Gate,
  gate,
  minuteMs,
  momentMs,
  mustNotRun,
  rule,
  times,
  usualMs,
} from "./cache-rule.ts";

/** Each way to make a load's result older than what happened meanwhile, and what then lives. */
const overtaking: readonly (readonly [string, (cache: Cache) => Promise<unknown>, unknown])[] = [
  ["set", (cache) => cache.set("key", "newer"), "newer"],
  ["setMany", (cache) => cache.setMany({ key: "newer" }), "newer"],
  ["add", (cache) => cache.add("key", "newer"), "newer"],
  ["incr", (cache) => cache.incr("key", 5, { ifMissing: "create" }), 5],
  ["set and delete", (cache) => setThen(cache, () => cache.delete("key")), undefined],
  ["set and touch 0", (cache) => setThen(cache, () => cache.touch("key", 0)), undefined],
  ["set and take", (cache) => setThen(cache, () => cache.take("key")), undefined],
  ["delete", (cache) => cache.delete("key"), undefined],
  ["deleteMany", (cache) => cache.deleteMany(["key"]), undefined],
  ["take", (cache) => cache.take("key"), undefined],
  ["set with ttl 0", (cache) => cache.set("key", "x", { ttl: 0 }), undefined],
  ["deletePattern", (cache) => cache.deletePattern("k*"), undefined],
  ["clear", (cache) => cache.clear(), undefined],
  ["flushDatabase", (cache) => cache.flushDatabase(), undefined],
  [
    "a delete through a view",
    (cache) => cache.withVersion(2).delete("key", { version: 1 }),
    undefined,
  ],
];

/** What `getOrSet` promises. */
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
  rule("undefined is answered and not stored", async ({ cache }) => {
    let loads = 0;
    const factory = (): undefined => void (loads += 1);
    assert.equal(await cache.getOrSet("key", factory), undefined);
    assert.equal(await cache.has("key"), false);
    await cache.getOrSet("key", factory);
    assert.equal(loads, 2);
  }),
  rule("undefined is not stored although the factory named a lifetime", async ({ cache }) => {
    await cache.getOrSet<string | undefined>("key", (context) => {
      context.setTtl("1m");
      return undefined;
    });
    assert.equal(await cache.has("key"), false);
    assert.equal(await cache.getOrSet("key", () => "made"), "made");
  }),
  rule("null is stored as long as any value", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => null), null);
    assert.equal(await cache.get("key", { default: "spare" }), null);
    await assertLives(cache, "key", usualMs);
  }),
  rule("negativeTtl is the lifetime of null, and of no other value", async ({ cache }) => {
    const options = { ttl: "1h", negativeTtl: "1m" };
    await cache.getOrSet("null", () => null, options);
    await cache.getOrSet("zero", () => 0, options);
    await assertLives(cache, "null", minuteMs);
    await assertLives(cache, "zero", 60 * minuteMs);
  }),
  rule("with negativeTtl undefined is remembered too", async ({ cache, pass }) => {
    let loads = 0;
    const load = (): Promise<undefined> =>
      cache.getOrSet("key", (): undefined => void (loads += 1), { negativeTtl: brief });
    assert.deepEqual([await load(), await load(), loads], [undefined, undefined, 1]);
    await pass(momentMs);
    await load();
    assert.equal(loads, 2);
  }),
  rule("with a negativeTtl of 0 null is not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => null, { negativeTtl: 0 }), null);
    assert.equal(await cache.has("key"), false);
  }),
  rule("getOrSet gives the lifetime it is told", async ({ cache }) => {
    await cache.getOrSet("minute", () => 1, { ttl: "1m" });
    await cache.getOrSet("endless", () => 1, { ttl: null });
    await assertLives(cache, "minute", minuteMs);
    await assertLives(cache, "endless", null);
  }),
  rule("with a ttl of 0 the value is answered and not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => "made", { ttl: 0 }), "made");
    assert.equal(await cache.has("key"), false);
  }),
  rule("a factory may name the lifetime itself", async ({ cache }) => {
    const named = async (key: string, ttl: string | null): Promise<void> => {
      await cache.getOrSet(key, (context) => (context.setTtl(ttl), key), { ttl: "1h" });
    };
    await named("minute", "1m");
    await named("endless", null);
    await assertLives(cache, "minute", minuteMs);
    await assertLives(cache, "endless", null);
  }),
  rule("a lifetime that is none fails the factory that named it", async ({ cache }) => {
    await assertTypeError(cache.getOrSet("key", (context) => context.setTtl("soon")));
  }),
  rule("a factory may have its value not stored", async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", (context) => (context.skip(), "made")), "made");
    assert.equal(await cache.has("key"), false);
  }),
  ...overtaking.map(([what, overtake, left]) =>
    rule(`a load leaves what ${what} did after it began`, async ({ cache }) => {
      const { door, loading } = await begun(cache);
      await overtake(cache);
      door.open("old");
      assert.equal(await loading, "old");
      assert.equal(await cache.get("key"), left);
    }),
  ),
  rule("who asks after a write does not join the load before it", async ({ cache }) => {
    const { door, loading } = await begun(cache);
    await cache.delete("key");
    assert.equal(await cache.getOrSet("key", () => "newer"), "newer");
    door.open("old");
    assert.equal(await loading, "old");
    assert.equal(await cache.get("key"), "newer");
  }),
  rule("a load does not overwrite what another view wrote meanwhile", async (context) => {
    const { cache } = context;
    const { door, loading } = await begun(cache);
    await cache.withVersion(1).set("key", "newer");
    door.open("old");
    await loading;
    assert.equal(await cache.get("key"), "newer");
  }),
  rule('lock takes "process" only', async ({ cache }) => {
    assert.equal(await cache.getOrSet("key", () => 1, { lock: "process" }), 1);
    const refused = call(cache, "getOrSet", "other", () => 1, { lock: "cluster" });
    await assert.rejects(refused, { name: "ConfigurationError", option: "lock" });
  }),
];

interface Begun {
  readonly door: Gate<string>;
  readonly loading: Promise<string>;
}

/** Begins a load of `key` whose factory waits at a gate. */
async function begun(cache: Cache): Promise<Begun> {
  const [door, running] = [gate<string>(), gate()];
  const loading = cache.getOrSet("key", () => {
    running.open();
    return door.promise;
  });
  await running.promise;
  return { door, loading };
}

async function setThen(cache: Cache, next: () => Promise<unknown>): Promise<void> {
  await cache.set("key", "newer");
  await next();
}

/** Answers what can be stored of a factory's context. */
function contextKept({ key, signal }: FactoryContext): { key: string; signal: boolean } {
  return { key, signal: signal.aborted };
}
