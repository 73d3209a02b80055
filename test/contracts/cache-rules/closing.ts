import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { ClosedError } from "../../../src/contracts/errors.ts";
import { type CacheRule, gate, mustNotRun, rule, times } from "./cache-rule.ts";

/** Members that do not use the store: after close they still work, and their views are closed too. */
type Local =
  | "name"
  | "namespace"
  | "withVersion"
  | "storedKey"
  | "memoize"
  | "on"
  | "off"
  | "stats";

type Remote = Exclude<keyof Cache, Local | "close" | typeof Symbol.asyncDispose>;

/** A valid call of each method that uses the store. The type requires every method. */
const calls: Readonly<Record<Remote, (cache: Cache) => Promise<unknown>>> = {
  get: (cache) => cache.get("key"),
  getOrThrow: (cache) => cache.getOrThrow("key"),
  getMany: (cache) => cache.getMany(["key"]),
  set: (cache) => cache.set("key", 1),
  setMany: (cache) => cache.setMany({ key: 1 }),
  add: (cache) => cache.add("key", 1),
  getOrSet: (cache) => cache.getOrSet("key", mustNotRun),
  getOrSetMany: (cache) => cache.getOrSetMany(["key"], mustNotRun),
  has: (cache) => cache.has("key"),
  delete: (cache) => cache.delete("key"),
  deleteMany: (cache) => cache.deleteMany(["key"]),
  take: (cache) => cache.take("key"),
  incr: (cache) => cache.incr("key"),
  decr: (cache) => cache.decr("key"),
  touch: (cache) => cache.touch("key"),
  persist: (cache) => cache.persist("key"),
  expire: (cache) => cache.expire("key", 5),
  expireAt: (cache) => cache.expireAt("key", new Date()),
  pexpire: (cache) => cache.pexpire("key", 5),
  pexpireAt: (cache) => cache.pexpireAt("key", new Date()),
  ttl: (cache) => cache.ttl("key"),
  pttl: (cache) => cache.pttl("key"),
  incrVersion: (cache) => cache.incrVersion("key"),
  decrVersion: (cache) => cache.decrVersion("key"),
  keys: (cache) => cache.keys("*"),
  iterKeys: (cache) => cache.iterKeys("*").next(),
  deletePattern: (cache) => cache.deletePattern("*"),
  clear: (cache) => cache.clear(),
  flushDatabase: (cache) => cache.flushDatabase(),
  lock: (cache) => cache.lock("key", { ttl: 5 }),
  withLock: (cache) => cache.withLock("key", { ttl: 5 }, mustNotRun),
  rawClient: (cache) => cache.rawClient(),
  ping: (cache) => cache.ping(),
};

/** Calls that may need no command, or that a memoized function makes: a closed cache rejects them too. */
const idleCalls: readonly (readonly [string, (cache: Cache) => Promise<unknown>])[] = [
  ["getMany of nothing", (cache) => cache.getMany([])],
  ["setMany of nothing", (cache) => cache.setMany({})],
  ["deleteMany of nothing", (cache) => cache.deleteMany([])],
  ["getOrSetMany of nothing", (cache) => cache.getOrSetMany([], mustNotRun)],
  ["set with a ttl of 0", (cache) => cache.set("key", 1, { ttl: 0 })],
  ["a memoized function", (cache) => cache.memoize(mustNotRun, { key: "key" })()],
  ["invalidate", (cache) => cache.memoize(mustNotRun, { key: "key" }).invalidate()],
  ["refresh", (cache) => cache.memoize(mustNotRun, { key: "key" }).refresh()],
];

/** What `close` promises. */
export const closingRules: readonly CacheRule[] = [
  ...[...Object.entries(calls), ...idleCalls].map(([method, run]) =>
    rule(`after close ${method} rejects with ClosedError`, async ({ open }) => {
      const cache = await open({ name: "closed one" });
      await cache.close();
      await assert.rejects(run(cache), (error) => {
        return (
          error instanceof ClosedError && error.cache === "closed one" && error.code === "CLOSED"
        );
      });
    }),
  ),
  rule("after close every call rejects also where errors are ignored", async ({ open }) => {
    const cache = await open({ ignoreErrors: true });
    await cache.close();
    for (const run of Object.values(calls)) await assert.rejects(run(cache), ClosedError);
  }),
  rule("the views of a closed cache are closed", async ({ open }) => {
    const cache = await open();
    const views = [cache.namespace("n"), cache.withVersion(2)];
    await cache.close();
    for (const view of [...views, cache.namespace("late")]) {
      await assert.rejects(view.get("key"), ClosedError);
      await assert.rejects(view.set("key", 1), ClosedError);
    }
  }),
  rule("closing a namespace closes it alone", async ({ cache }) => {
    const [closed, other] = [cache.namespace("n"), cache.namespace("n")];
    const inner = closed.namespace("inner");
    await closed.set("key", 1);
    await closed.close();
    await assert.rejects(closed.get("key"), ClosedError);
    await assert.rejects(inner.get("key"), ClosedError);
    assert.deepEqual([await other.get("key"), await cache.get("n:key")], [1, 1]);
  }),
  rule("closing a view of another version closes it alone", async ({ cache }) => {
    const view = cache.withVersion(2);
    await view.set("key", 1);
    await view[Symbol.asyncDispose]();
    await assert.rejects(view.get("key"), ClosedError);
    assert.equal(await cache.get("key", { version: 2 }), 1);
  }),
  rule("closing one cache leaves another", async ({ cache, open }) => {
    const other = await open();
    await other.close();
    assert.equal(await cache.set("key", 1), true);
  }),
  rule("close twice, also at once, is harmless", async ({ open }) => {
    const cache = await open();
    await cache.set("key", 1);
    await Promise.all([cache.close(), cache.close()]);
    assert.equal(await cache.close(), undefined);
  }),
  rule("a cache that was never used closes", async ({ open }) => {
    const cache = await open();
    assert.equal(await cache.close(), undefined);
  }),
  rule("a cache closes at the end of its scope", async ({ open }) => {
    const cache = await open();
    await cache[Symbol.asyncDispose]();
    await assert.rejects(cache.get("key"), ClosedError);
  }),
  rule("close waits for the writes under way", async ({ open }) => {
    const cache = await open();
    const entries = times(100, (index): [string, number] => [`key ${index}`, index]);
    const writes = [
      ...entries.map(([key, value]) => cache.set(key, value)),
      cache.setMany(entries),
      cache.incr("n", 1, { ifMissing: "create" }),
      cache.namespace("n").set("key", 1),
    ];
    await cache.close();
    const answers = await Promise.all(writes);
    assert.deepEqual(answers.slice(-3), [[], 1, true]);
    assert.ok(answers.slice(0, 100).every((written) => written === true));
  }),
  rule("closing a view waits for the writes under way on it", async ({ cache }) => {
    const view = cache.namespace("n");
    const writes = times(50, (index) => view.set(`key ${index}`, index));
    await view.close();
    assert.ok((await Promise.all(writes)).every(Boolean));
    assert.equal((await cache.keys("n:*")).length, 50);
  }),
  rule("a load under way is told by its signal that the cache is closed", async ({ open }) => {
    const cache = await open();
    const [door, running] = [gate(), gate<AbortSignal>()];
    const loading = cache.getOrSet("key", async ({ signal }) => {
      running.open(signal);
      await door.promise;
      return "made";
    });
    const signal = await running.promise;
    assert.equal(signal.aborted, false);
    await cache.close();
    assert.equal(signal.aborted, true);
    assert.ok(signal.reason instanceof ClosedError);
    door.open();
    assert.equal(await loading, "made");
  }),
  rule("after close nobody joins a load that is still under way", async ({ open }) => {
    const cache = await open();
    const [door, running] = [gate(), gate()];
    const loading = cache.getOrSet("key", async () => {
      running.open();
      await door.promise;
      return "made";
    });
    await running.promise;
    await cache.close();
    const late = cache.getOrSet("key", mustNotRun);
    door.open();
    await assert.rejects(late, ClosedError);
    assert.equal(await loading, "made");
  }),
  rule("closing a view does not disturb a load that another view joined", async ({ cache }) => {
    const [view, door, running] = [cache.namespace("n"), gate(), gate<AbortSignal>()];
    const loading = view.getOrSet("key", async ({ signal }) => {
      running.open(signal);
      await door.promise;
      signal.throwIfAborted();
      return "made";
    });
    await running.promise;
    const joined = cache.getOrSet("n:key", mustNotRun);
    await view.close();
    door.open();
    await Promise.allSettled([loading]);
    assert.equal(await joined, "made");
    assert.equal(await cache.get("n:key"), "made");
  }),
  rule("an iterator left lying does not hold up close", async ({ open }) => {
    const cache = await open();
    await cache.setMany({ a: 1, b: 2, c: 3 });
    const keys = cache.iterKeys("*", { scanCount: 1 });
    await keys.next();
    await cache.close();
    assert.equal((await Promise.allSettled([keys.return?.()]))[0]?.status, "fulfilled");
  }),
];
