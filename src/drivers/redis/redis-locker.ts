import type { Locker } from "../../contracts/locker.ts";
import type { RedisCommands } from "./redis-commands.ts";
import { digitsOrNothingReply, integerReply } from "./reply-forms.ts";
import { acquireLock, extendLock, releaseLock, runScript } from "./scripts.ts";

/** How long a fence is remembered after its lock has ended. */
const fenceMemoryMs = "86400000";

/** Locks in one Redis. A failover to a replica that lagged behind can lose one: the fence tells. */
export class RedisLocker implements Locker {
  readonly #redis: RedisCommands;

  constructor(redis: RedisCommands) {
    this.#redis = redis;
  }

  async acquire(key: string, token: string, ttlMs: number): Promise<number | undefined> {
    const args = [token, String(ttlMs), fenceMemoryMs];
    const form = digitsOrNothingReply;
    const fence = await runScript(this.#redis, acquireLock, { keys: [key], args, form });
    return fence === null ? undefined : Number(fence);
  }

  async extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    const args = [token, String(ttlMs), fenceMemoryMs];
    return (
      (await runScript(this.#redis, extendLock, { keys: [key], args, form: integerReply })) === 1
    );
  }

  async release(key: string, token: string): Promise<boolean> {
    const call = { keys: [key], args: [token], form: integerReply };
    return (await runScript(this.#redis, releaseLock, call)) === 1;
  }
}
