import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Cache } from "../../../src/contracts/cache.ts";
import { LockLostError, LockTimeoutError } from "../../../src/contracts/errors.ts";
import { brief, type CacheRule, momentMs, rule, times } from "./cache-rule.ts";

const long = { ttl: "1m", wait: 0 } as const;

/** On a busy machine an answer may take longer than such a lock lives: it is asked for again then. */
const short = { ttl: brief, wait: "10s", retryDelay: "2ms" } as const;

/** What `withLock` promises. */
export const withLockRules: readonly CacheRule[] = [
  rule("withLock answers what the task gives, and frees the lock", async ({ cache }) => {
    const answer = await cache.withLock("door", long, async (signal, lock) => {
      assert.equal(signal.aborted, false);
      assert.equal(lock.isHeld(), true);
      await assert.rejects(cache.lock("door", long), LockTimeoutError);
      return "done";
    });
    assert.equal(answer, "done");
    await assertFree(cache);
  }),
  rule("withLock takes a task that is not asynchronous", async ({ cache }) => {
    assert.equal(await cache.withLock("door", long, () => 5), 5);
  }),
  rule("withLock passes the task's own error on, and frees the lock", async ({ cache }) => {
    const error = new RangeError("mine");
    const failing = cache.withLock("door", long, () => Promise.reject(error));
    await assert.rejects(failing, (caught) => caught === error);
    await assertFree(cache);
  }),
  rule("withLock does not run the task without the lock", async ({ cache }) => {
    await cache.lock("door", long);
    let ran = false;
    const refused = cache.withLock("door", long, () => {
      ran = true;
    });
    await assert.rejects(refused, LockTimeoutError);
    assert.equal(ran, false);
  }),
  rule("tasks under one lock take turns", async ({ cache }) => {
    let inside = 0;
    const turn = async (): Promise<void> => {
      inside += 1;
      assert.equal(inside, 1);
      await sleep(2);
      inside -= 1;
    };
    const options = { ttl: "1m", wait: "10s", retryDelay: "2ms" };
    await Promise.all(times(8, () => cache.withLock("door", options, turn)));
  }),
  rule("withLock tells the task when the lock is lost, and rejects", async ({ cache, pass }) => {
    let heard: unknown;
    const losing = cache.withLock("door", short, async (signal) => {
      await Promise.all([sleep(momentMs), pass(momentMs)]);
      heard = signal.reason;
      return "too late";
    });
    await assert.rejects(losing, LockLostError);
    assert.ok(heard instanceof LockLostError);
  }),
  rule("the task's error is the cause where the lock was lost as well", async ({ cache, pass }) => {
    const cause = new RangeError("mine");
    const losing = cache.withLock("door", short, async () => {
      await Promise.all([sleep(momentMs), pass(momentMs)]);
      throw cause;
    });
    await assert.rejects(
      losing,
      (error) => error instanceof LockLostError && error.cause === cause,
    );
  }),
  rule("a lock lost to another is told although its watch has not run out", async (context) => {
    const { cache, pass } = context;
    const losing = cache.withLock("door", short, async () => {
      await pass(momentMs);
      await cache.lock("door", long);
    });
    await assert.rejects(losing, LockLostError);
    await assert.rejects(cache.lock("door", long), LockTimeoutError);
  }),
  rule("a task may release the lock itself", async ({ cache }) => {
    const answer = cache.withLock("door", long, async (_signal, lock) => {
      assert.equal(await lock.release(), true);
      return "done";
    });
    assert.equal(await answer, "done");
  }),
  rule("withLock can hold a lock longer than its lifetime", async ({ cache, pass }) => {
    const options = { ttl: "90ms", wait: 0, autoExtend: true };
    const answer = await cache.withLock("door", options, async () => {
      for (let turn = 0; turn < 8; turn++) {
        await sleep(20);
        await pass(20);
      }
      return "done";
    });
    assert.equal(answer, "done");
  }),
];

async function assertFree(cache: Cache): Promise<void> {
  const lock = await cache.lock("door", long);
  assert.equal(lock.isHeld(), true);
}
