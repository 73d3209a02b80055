import { describe, expect, test } from "vitest";
import { StoreUnavailableError } from "../../contracts/errors.ts";
import type { Locker } from "../../contracts/locker.ts";
import { Calls } from "../calls/calls.ts";
import { Events } from "../calls/events.ts";
import { Lifecycle } from "../calls/lifecycle.ts";
import { HeldLock } from "./held-lock.ts";

const policy = { ignoreErrors: true, logIgnoredErrors: false, logger: console };

function heldLock(locker: Partial<Locker>, ttlMs = 60_000): HeldLock {
  const events = new Events("test", console);
  const lifecycle = new Lifecycle("test");
  const calls = new Calls({ events, policy, namespace: "", lifecycle });
  const taken = {
    key: "door",
    lockKey: ":#lock:1:door",
    token: "token",
    fence: 1,
    ttlMs,
    askedAtMs: performance.now(),
    autoExtend: false,
  };
  return new HeldLock(locker as Locker, calls, taken);
}

describe("a lock whose release could not be told to the store", () => {
  const gone = new StoreUnavailableError("gone", { operation: "EVALSHA" });

  test("rejects although errors are ignored, and can be released again", async () => {
    const answers = [Promise.reject(gone), Promise.resolve(true)];
    const lock = heldLock({ release: () => answers.shift() ?? Promise.resolve(false) });

    await expect(lock.release()).rejects.toBe(gone);
    expect(lock.isHeld()).toBe(true);
    expect(await lock.release()).toBe(true);
    expect(lock.isHeld()).toBe(false);
  });
});

describe("a lock that ran out while it was being extended", () => {
  test("is lost, whatever the store answers then", async () => {
    const lock = heldLock({ extend: () => new Promise((done) => setTimeout(done, 60, true)) }, 30);
    await expect(lock.extend()).rejects.toMatchObject({ code: "LOCK_LOST" });
    expect(lock.signal.aborted).toBe(true);
    expect(lock.isHeld()).toBe(false);
  });
});
