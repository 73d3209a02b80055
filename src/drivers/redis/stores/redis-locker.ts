import type { Locker } from "../../../contracts/locker.ts";
import type { CommandSender } from "../commands/command-sender.ts";
import { digitsOrNothingReply, yesOrNoReply } from "../commands/reply-types.ts";
import { runScript } from "../commands/script.ts";
import { acquireLock, extendLock, releaseLock } from "./lock-scripts.ts";

/** How long a fence is remembered after its lock has ended, in ms. */
const fenceMemoryMs = "86400000";

/** Locks in one Redis. A failover to a replica that lagged behind can lose one: the fence tells. */
export class RedisLocker implements Locker {
  readonly #redis: CommandSender;

  constructor(redis: CommandSender) {
    this.#redis = redis;
  }

  acquire(key: string, token: string, ttlMs: number): Promise<number | undefined> {
    const args = [token, String(ttlMs), fenceMemoryMs];
    return runScript(this.#redis, acquireLock, { keys: [key], args, reply: digitsOrNothingReply });
  }

  extend(key: string, token: string, ttlMs: number): Promise<boolean> {
    const args = [token, String(ttlMs), fenceMemoryMs];
    return runScript(this.#redis, extendLock, { keys: [key], args, reply: yesOrNoReply });
  }

  release(key: string, token: string): Promise<boolean> {
    return runScript(this.#redis, releaseLock, { keys: [key], args: [token], reply: yesOrNoReply });
  }
}
