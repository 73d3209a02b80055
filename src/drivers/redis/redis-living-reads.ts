import type { LivingReads, LivingValue } from "../../contracts/invalidation.ts";
import { batchesOf } from "../../kit/batches.ts";
import type { RedisCommands, ReplyForm } from "./redis-commands.ts";
import { bytesPerKeyReply, bytesReply, integerReply } from "./reply-forms.ts";

/** How many keys go into one command, as for reads without their lives. */
const keysPerCommand = 250;

/** How many such commands, with a question per key for its life beside, go at once. */
const commandsAtOnce = 4 * (keysPerCommand + 1);

const forms: Readonly<Record<string, ReplyForm>> = {
  PTTL: integerReply,
  GET: bytesReply,
  MGET: bytesPerKeyReply,
};

/** Whatever the command of its name answers. */
const livingReply: ReplyForm = {
  options: bytesReply.options,
  fits: (reply, command) => forms[String(command[0])]?.fits(reply, command) ?? false,
};

/**
 * Reads of values and their lives, in one Redis. The life is asked for first: what it says then is
 * of the value, or of one before it, whose successor is told of.
 */
export class RedisLivingReads implements LivingReads {
  readonly #redis: RedisCommands;

  constructor(redis: RedisCommands) {
    this.#redis = redis;
  }

  async getWithLife(key: string): Promise<LivingValue | undefined> {
    const commands = [
      ["PTTL", key],
      ["GET", key],
    ];
    const [remaining, bytes] = await this.#redis.sendMany(commands, livingReply, commands.length);
    return toLiving(bytes, remaining);
  }

  async getManyWithLives(keys: readonly string[]): Promise<readonly (LivingValue | undefined)[]> {
    const commands = batchesOf(keys, keysPerCommand).flatMap(commandsOf);
    const replies = await this.#redis.sendMany(commands, livingReply, commandsAtOnce);
    const lives = replies.filter((reply) => !Array.isArray(reply));
    const values = replies.flatMap((reply): readonly unknown[] =>
      Array.isArray(reply) ? reply : [],
    );
    return values.map((bytes, index) => toLiving(bytes, lives[index]));
  }
}

function commandsOf(keys: readonly string[]): string[][] {
  return keys.map((key) => ["PTTL", key]).concat([["MGET"].concat(keys)]);
}

/** PTTL says -1 of a key without an end, and -2 of none, which may have come in between. */
function toLiving(bytes: unknown, remaining: unknown): LivingValue | undefined {
  if (!Buffer.isBuffer(bytes)) return undefined;
  const remainingMs = Number(remaining);
  return { bytes, remainingMs: remainingMs === -1 ? null : Math.max(0, remainingMs) };
}
