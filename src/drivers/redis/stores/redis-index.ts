import type { MemberIndex } from "../../../contracts/records.ts";
import { batchesOf } from "../../../kit/batches.ts";
import { type CommandSender, resultsOf } from "../commands/command-sender.ts";
import { membersCommand, removeMembersCommand } from "../commands/key-commands.ts";
import { integerReply } from "../commands/reply-types.ts";
import { runScript } from "../commands/script.ts";
import { addMember } from "./record-scripts.ts";

const membersPerCommand = 250;

/** Members with leases as sorted sets in one Redis: the score is when a lease is over. */
export class RedisIndex implements MemberIndex {
  readonly #redis: CommandSender;

  constructor(redis: CommandSender) {
    this.#redis = redis;
  }

  async add(key: string, member: string, leaseMs: number): Promise<void> {
    const call = { keys: [key], args: [member, String(leaseMs)], reply: integerReply };
    await runScript(this.#redis, addMember, call);
  }

  async remove(key: string, members: readonly string[]): Promise<void> {
    const commands = batchesOf(members, membersPerCommand).map((some) =>
      removeMembersCommand(key, some),
    );
    resultsOf(await this.#redis.sendEach(commands, { keysAtOnce: commands.length || 1 }));
  }

  members(key: string): Promise<readonly string[]> {
    return this.#redis.send(membersCommand(key));
  }
}
