import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Lock } from "../../../src/contracts/cache.ts";
import { LockLostError, LockTimeoutError } from "../../../src/contracts/errors.ts";
import {
  assertTypeError,
  brief,
  type CacheContext,
  type CacheRule,
  call,
  rule,
  times,
} from "./cache-rule.ts";

const long = { ttl: "1m", wait: 0 } as const;
/** Long enough that the next call arrives before the lock expires, even on a busy machine. */
const short = { ttl: "200ms", wait: 0 } as const;
const momentMs = 250;

/** What `lock` promises. */
export const lockRules: readonly CacheRule[] = [
  rule("a lock is held by one at a time", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    await assert.rejects(cache.lock("door", long), LockTimeoutError);
    assert.equal(lock.isHeld(), true);
    assert.equal(lock.key, "door");
  }),
  rule("of a hundred who come at once exactly one gets the lock", async ({ cache }) => {
    const tries = await Promise.allSettled(times(100, () => cache.lock("door", long)));
    assert.equal(tries.filter(({ status }) => status === "fulfilled").length, 1);
  }),
  rule(
    "a lock that is not had in time is a LockTimeoutError with key and time",
    async ({ cache }) => {
      await cache.lock("door", long);
      const error = { name: "LockTimeoutError", code: "LOCK_TIMEOUT", key: "door", waitMs: 20 };
      await assert.rejects(cache.lock("door", { ...long, wait: "20ms" }), error);
    },
  ),
  rule("wait 0 does not wait", async ({ cache }) => {
    await cache.lock("door", long);
    const started = performance.now();
    await assert.rejects(cache.lock("door", long), LockTimeoutError);
    assert.ok(performance.now() - started < 5_000, "it waited");
  }),
  rule("who waits gets the lock when it is released", async ({ cache }) => {
    const first = await cache.lock("door", long);
    const waiting = cache.lock("door", { ttl: "1m", wait: "5s", retryDelay: "5ms" });
    await first.release();
    const second = await waiting;
    assert.equal(second.isHeld(), true);
    assert.equal(first.isHeld(), false);
  }),
  rule("who waits less than retryDelay still waits as long as said", async ({ cache }) => {
    const first = await cache.lock("door", long);
    const waiting = cache.lock("door", { ttl: "1m", wait: "60ms", retryDelay: "1s" });
    const outcome = waiting.then(
      () => "had",
      () => "gave up",
    );
    await first.release();
    assert.equal(await outcome, "had");
  }),
  rule("who waits gets the lock when it ends by itself", async ({ cache, pass }) => {
    await cache.lock("door", short);
    await pass(momentMs);
    assert.equal((await cache.lock("door", long)).isHeld(), true);
  }),
  rule("a released lock is free", async ({ cache }) => {
    const first = await cache.lock("door", long);
    assert.equal(await first.release(), true);
    assert.equal(first.isHeld(), false);
    const second = await cache.lock("door", long);
    assert.notEqual(second.token, first.token);
  }),
  rule("release answers false the second time", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    await lock.release();
    assert.equal(await lock.release(), false);
  }),
  rule(
    "release answers false where the lock was lost, and frees nobody else's",
    async (context) => {
      const { first, second } = await lost(context);
      assert.equal(await first.release(), false);
      await second.extend();
      assert.equal(second.isHeld(), true);
    },
  ),
  rule("the fence grows with every holder", async ({ cache }) => {
    const fences: number[] = [];
    for (let turn = 0; turn < 20; turn++) {
      const lock = await cache.lock("door", long);
      fences.push(lock.fence);
      await lock.release();
    }
    assert.ok(fences.every((fence, index) => fence > (fences[index - 1] ?? 0)));
    assert.ok(fences.every((fence) => Number.isSafeInteger(fence)));
  }),
  rule("the fence grows past that of a lock that was lost", async (context) => {
    const { first, second } = await lost(context);
    assert.ok(second.fence > first.fence);
  }),
  rule("extend lets a lock last longer", async ({ cache, pass }) => {
    const lock = await cache.lock("door", short);
    await lock.extend("1m");
    await pass(momentMs);
    assert.equal(lock.isHeld(), true);
    await assert.rejects(cache.lock("door", long), LockTimeoutError);
  }),
  rule("extend lets a lock end sooner", async ({ cache, pass }) => {
    const lock = await cache.lock("door", long);
    await lock.extend(brief);
    await pass(momentMs);
    assert.equal((await cache.lock("door", long)).isHeld(), true);
  }),
  rule("extend without a lifetime gives the one it was taken with", async ({ cache, pass }) => {
    const lock = await cache.lock("door", { ttl: "80ms", wait: 0 });
    await pass(50);
    await lock.extend();
    await pass(50);
    await assert.rejects(cache.lock("door", long), LockTimeoutError);
  }),
  rule("extend of a lost lock is a LockLostError, and it is held no more", async (context) => {
    const { first, second } = await lost(context);
    await assert.rejects(first.extend(), { name: "LockLostError", code: "LOCK_LOST", key: "door" });
    assert.equal(first.isHeld(), false);
    assert.equal(first.signal.aborted, true);
    assert.equal(second.isHeld(), true);
  }),
  rule("extend of a released lock is a LockLostError", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    await lock.release();
    await assert.rejects(lock.extend(), LockLostError);
    assert.equal((await cache.lock("door", long)).isHeld(), true);
  }),
  rule("a lock knows by itself when its time is over", async ({ cache, pass }) => {
    const lock = await cache.lock("door", short);
    assert.equal(lock.isHeld(), true);
    await Promise.all([sleep(momentMs), pass(momentMs)]);
    assert.equal(lock.isHeld(), false);
    assert.equal(lock.signal.aborted, true);
    assert.ok(lock.signal.reason instanceof LockLostError);
  }),
  rule("the signal of a released lock stays calm", async ({ cache, pass }) => {
    const lock = await cache.lock("door", short);
    await lock.release();
    await Promise.all([sleep(momentMs), pass(momentMs)]);
    assert.equal(lock.signal.aborted, false);
  }),
  rule("autoExtend keeps a lock until it is released", async ({ cache, pass }) => {
    const lock = await cache.lock("door", { ttl: "90ms", autoExtend: true });
    for (let turn = 0; turn < 8; turn++) {
      await sleep(20);
      await pass(20);
    }
    assert.equal(lock.isHeld(), true);
    assert.equal(await lock.release(), true);
    assert.equal((await cache.lock("door", long)).isHeld(), true);
  }),
  rule("autoExtend keeps a lock whose lifetime was made shorter", async ({ cache, pass }) => {
    const lock = await cache.lock("door", { ttl: "1m", autoExtend: true });
    await lock.extend("90ms");
    for (let turn = 0; turn < 8; turn++) {
      await sleep(20);
      await pass(20);
    }
    assert.equal(lock.isHeld(), true);
    assert.equal(await lock.release(), true);
  }),
  rule("a lock is freed at the end of its scope", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    await lock[Symbol.asyncDispose]();
    assert.equal(lock.isHeld(), false);
    assert.equal((await cache.lock("door", long)).isHeld(), true);
  }),
  rule("locks of different keys, versions and namespaces are independent", async ({ cache }) => {
    const locks = [
      await cache.lock("door", long),
      await cache.lock("Door", long),
      await cache.lock("door", { ...long, version: 2 }),
      await cache.namespace("n").lock("door", long),
    ];
    assert.equal(new Set(locks.map(({ token }) => token)).size, 4);
    await assert.rejects(cache.withVersion(2).lock("door", long), LockTimeoutError);
  }),
  rule("the lock of a key and the key never meet", async ({ cache }) => {
    await cache.set("door", "value");
    const lock = await cache.lock("door", long);
    assert.equal(await cache.get("door"), "value");
    await cache.set("door", "new");
    assert.equal(await cache.delete("door"), true);
    assert.equal(await cache.has("door"), false);
    assert.equal(await lock.release(), true);
  }),
  rule("keys, patterns and clear pass locks by", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    const inner = await cache.namespace("n").lock("door", long);
    await cache.set("key", 1);
    assert.deepEqual(await cache.keys("*"), ["key"]);
    assert.deepEqual(await cache.keys("*door*"), []);
    assert.equal(await cache.deletePattern("*"), 1);
    assert.equal(await cache.clear(), 0);
    assert.equal(await cache.namespace("n").clear(), 0);
    assert.deepEqual([await lock.release(), await inner.release()], [true, true]);
  }),
  ...[0, -1, null, "0s", undefined, Number.NaN, "soon"].map((ttl) =>
    rule(`a lock cannot be held for ${String(ttl)}`, async ({ cache }) => {
      await assertTypeError(call(cache, "lock", "door", { ttl }));
      await assertTypeError(call(cache, "withLock", "door", { ttl }, () => 1));
    }),
  ),
  rule("a lock needs options", async ({ cache }) => {
    await assertTypeError(call(cache, "lock", "door"));
  }),
  rule("extend refuses what is no lifetime of a lock, and the lock stays", async ({ cache }) => {
    const lock = await cache.lock("door", long);
    await assertTypeError(lock.extend(0));
    await assertTypeError(lock.extend(null));
    assert.equal(lock.isHeld(), true);
  }),
];

/** An expired lock, and the lock that another holder took after it. */
async function lost({ cache, pass }: CacheContext): Promise<{ first: Lock; second: Lock }> {
  const first = await cache.lock("door", short);
  await pass(momentMs);
  return { first, second: await cache.lock("door", long) };
}
