import type { ReadsWithTtl, ValueWithTtl } from "../../contracts/invalidation.ts";
import { batchesOf } from "../../kit/batches.ts";
import { refuse } from "./bounded-commands.ts";
import type { ReadBatch } from "./read-batch.ts";
import { ReadTurn } from "./read-turn.ts";
import type { ReplyForm, ReservableCommands } from "./redis-commands.ts";
import { asError } from "./redis-errors.ts";
import { bytesPerKeyReply, bytesReply, integerReply } from "./reply-forms.ts";

/** How many keys go into one command, as for reads without their lives. */
const keysPerCommand = 250;

/** How many such commands, with a question per key for its life beside, go at once. */
const commandsAtOnce = 4 * (keysPerCommand + 1);

const forms: Readonly<Record<string, ReplyForm>> = {
  PTTL: integerReply,
  MGET: bytesPerKeyReply,
};

/** Whatever the command of its name answers. */
const livingReply: ReplyForm = {
  options: bytesReply.options,
  fits: (reply, command) => forms[String(command[0])]?.fits(reply, command) ?? false,
};

/** What one key came to, or why that cannot be told. */
type LivingReply = ValueWithTtl | Error | undefined;

/**
 * Reads of values and their lives, in one Redis. The life is asked for first: what it says then is
 * of the value, or of one before it, whose successor is told of. Single reads of one turn of the event loop
 * travel together.
 */
export class RedisLivingReads implements ReadsWithTtl {
  readonly #redis: ReservableCommands;
  #turn: ReadTurn<LivingReply> | undefined;

  constructor(redis: ReservableCommands) {
    this.#redis = redis;
  }

  async getWithTtl(key: string): Promise<ValueWithTtl | undefined> {
    const refusal = this.#redis.reserve(key.length);
    if (refusal) await refuse(refusal);
    this.#turn ??= this.#begin();
    const { replies, place } = this.#turn.join(key);
    const reply = (await replies)[place];
    if (reply instanceof Error) throw reply;
    return reply;
  }

  async getManyWithTtl(keys: readonly string[]): Promise<readonly (ValueWithTtl | undefined)[]> {
    const { values, lives } = await this.#ask(keys, 1);
    return values.map((bytes, place) => toLiving(bytes, lives[place]));
  }

  /** It leaves once all that is ready to run has run. */
  #begin(): ReadTurn<LivingReply> {
    const turn = new ReadTurn<LivingReply>(keysPerCommand);
    process.nextTick(() => {
      this.#turn = undefined;
      for (const batch of turn.batches) this.#redis.release(batch.calls, batch.sizeBytes);
      for (const batch of turn.batches) batch.answerWith(this.#askEach(batch));
    });
    return turn;
  }

  async #askEach({ keys, calls }: ReadBatch<LivingReply>): Promise<readonly LivingReply[]> {
    const { values, lives } = await this.#ask(keys, calls);
    const reply = async (key: string, place: number): Promise<LivingReply> => {
      const isOfOtherType = values[place] === null && Number(lives[place]) !== -2;
      return isOfOtherType ? this.#askAlone(key) : toLiving(values[place], lives[place]);
    };
    return Promise.all(keys.map(reply));
  }

  /** It lived a moment ago, and `MGET` has no value of it: a read of its own tells. */
  #askAlone(key: string): Promise<LivingReply> {
    return this.#redis.send(["GET", key], bytesReply, 0).then(() => undefined, asError);
  }

  async #ask(
    keys: readonly string[],
    calls: number,
  ): Promise<{ values: unknown[]; lives: unknown[] }> {
    const commands = batchesOf(keys, keysPerCommand).flatMap(commandsOf);
    const rules = { atOnce: commandsAtOnce, calls };
    const replies = await this.#redis.sendMany(commands, livingReply, rules);
    const lives = replies.filter((reply) => !Array.isArray(reply));
    const values = replies.flatMap((reply): readonly unknown[] =>
      Array.isArray(reply) ? reply : [],
    );
    return { values, lives };
  }
}

function commandsOf(keys: readonly string[]): string[][] {
  return keys.map((key) => ["PTTL", key]).concat([["MGET"].concat(keys)]);
}

/** PTTL says -1 of a key without an end, and -2 of none, which may have come in between. */
function toLiving(bytes: unknown, remaining: unknown): ValueWithTtl | undefined {
  if (!Buffer.isBuffer(bytes)) return undefined;
  const remainingMs = Number(remaining);
  return { bytes, remainingMs: remainingMs === -1 ? null : Math.max(0, remainingMs) };
}
