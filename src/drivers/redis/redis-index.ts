import type { MemberIndex } from "../../contracts/records.ts";
import { batchesOf } from "../../kit/batches.ts";
import { addMember } from "./record-scripts.ts";
import type { RedisCommands } from "./redis-commands.ts";
import { integerReply, listOfTextReply } from "./reply-forms.ts";
import { runScript } from "./scripts.ts";

const membersPerCommand = 250;

/** Members with leases as sorted sets in one Redis: the score is when a lease is over. */
export class RedisIndex implements MemberIndex {
  readonly #redis: RedisCommands;

  constructor(redis: RedisCommands) {
    this.#redis = redis;
  }

  async add(key: string, member: string, leaseMs: number): Promise<void> {
    const call = { keys: [key], args: [member, String(leaseMs)], form: integerReply };
    await runScript(this.#redis, addMember, call);
  }

  async remove(key: string, members: readonly string[]): Promise<void> {
    const commands = batchesOf(members, membersPerCommand).map((few) => ["ZREM", key].concat(few));
    await this.#redis.sendMany(commands, integerReply, { atOnce: commands.length || 1 });
  }

  async members(key: string): Promise<readonly string[]> {
    const reply = await this.#redis.send(["ZRANGE", key, "0", "-1"], listOfTextReply);
    return reply as readonly string[]; // the form saw to that
  }
}
