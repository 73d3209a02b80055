import type { Command } from "../../src/drivers/redis/commands/command.ts";
import { integerReply } from "../../src/drivers/redis/commands/reply-types.ts";

/** Returns a command that no builder makes, on the key that is its first argument; its reply is a number. */
export function numberCommand(...args: readonly string[]): Command<number> {
  const keyCount = args.length > 1 ? 1 : 0;
  return { args, firstKey: 1, keyCount, isWrite: true, reply: integerReply };
}
