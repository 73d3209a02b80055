import type { ReadsWithTtl, ValueWithTtl } from "../../../contracts/invalidation.ts";
import { batchesOf } from "../../../kit/batches.ts";
import type { CommandExecutor } from "../commands/command-executor.ts";
import { pttlCommand } from "../commands/key-commands.ts";
import type { Load } from "../commands/pending-command.ts";
import { asError } from "../commands/server-errors.ts";
import {
  getCommand,
  mgetCommand,
  type StoredValue,
  valuesAsBytes,
} from "../commands/value-commands.ts";
import { type ReadBatch, ReadCoalescer } from "./read-coalescer.ts";

/** How many keys go into one command, as for reads without lifetimes. */
const keysPerCommand = 250;

/** How many keys of one call are read at once. */
const keysAtOnce = 4 * keysPerCommand;

const none: ReadonlySet<string> = new Set();

/** What one key came to, or why the server cannot tell. */
export type TimedReply = ValueWithTtl | Error | undefined;

/** The replies for some keys, in their order: `ttls` as PTTL answers. */
interface Replies {
  readonly ttls: readonly (number | Error)[];
  readonly values: readonly StoredValue[];
}

/**
 * Reads of values and their lifetimes, in one Redis. The lifetime is asked for first: it belongs to the value, or to
 * one before it, whose successor is announced as an invalidation. Single reads of one turn travel together.
 */
export class RedisReadsWithTtl implements ReadsWithTtl {
  readonly coalescer: ReadCoalescer<TimedReply>;
  readonly #commands: CommandExecutor;

  constructor(commands: CommandExecutor) {
    this.#commands = commands;
    this.coalescer = new ReadCoalescer(commands, {
      keysPerBatch: keysPerCommand,
      alone: none,
      read: (batch) => void this.#read(batch),
    });
  }

  async getWithTtl(key: string): Promise<ValueWithTtl | undefined> {
    const batch = this.coalescer.join(key);
    const { place } = batch;
    const reply = (await batch.replies)[place];
    if (reply instanceof Error) throw reply;
    return reply;
  }

  /** After a thousand keys of which none was read, the others fail as those did. */
  async getManyWithTtl(keys: readonly string[]): Promise<readonly TimedReply[]> {
    const replies: TimedReply[] = [];
    let failure: Error | undefined;
    for (const some of batchesOf(keys, keysAtOnce)) {
      const known = failure ?? (await this.#readPortion(some));
      if (known instanceof Error) failure = known;
      replies.push(...(known instanceof Error ? some.map(() => known) : known));
    }
    if (failure && replies.every((reply) => reply instanceof Error)) throw failure;
    return replies;
  }

  /** Returns the replies, or one error where nothing could be read. */
  async #readPortion(keys: readonly string[]): Promise<readonly TimedReply[] | Error> {
    const parts = await Promise.all(
      batchesOf(keys, keysPerCommand).map((some) =>
        this.#ask(some).then(toTimedReplies, (error: unknown) => {
          const failure = asError(error);
          return some.map(() => failure);
        }),
      ),
    );
    const replies = parts.flat();
    const [first] = replies;
    return first instanceof Error && replies.every((reply) => reply instanceof Error)
      ? first
      : replies;
  }

  async #read(batch: ReadBatch<TimedReply>): Promise<void> {
    const [key, another] = batch.keys;
    try {
      const isLone = key !== undefined && another === undefined;
      batch.resolve(isLone ? [await this.#readOne(key, batch)] : await this.#readSeveral(batch));
    } catch (error) {
      batch.reject(error);
    }
  }

  async #readOne(key: string, load: Load): Promise<TimedReply> {
    const [ttl, value] = await Promise.all([
      this.#commands.send(pttlCommand(key), 0),
      this.#commands.sendReserved(getCommand(key, valuesAsBytes), load),
    ]);
    return toTimed(value, ttl);
  }

  /** `MGET` takes a key of another type for absent, but it has a lifetime: a `GET` tells why. */
  async #readSeveral(batch: ReadBatch<TimedReply>): Promise<readonly TimedReply[]> {
    const { keys } = batch;
    const [ttls, values] = await Promise.all([
      this.#commands.sendEach(keys.map(pttlCommand), { keysAtOnce: keys.length, calls: 0 }),
      this.#commands.sendReserved(mgetCommand(keys, valuesAsBytes), batch),
    ]);
    const reply = async (known: TimedReply, place: number): Promise<TimedReply> => {
      const mayBeOfOtherType = known === undefined && ttls[place] !== -2;
      return mayBeOfOtherType ? this.#askWhy(keys[place]) : known;
    };
    return Promise.all(toTimedReplies({ ttls, values }).map(reply));
  }

  async #askWhy(key = ""): Promise<TimedReply> {
    return this.#commands.send(getCommand(key, valuesAsBytes), 0).then(() => undefined, asError);
  }

  async #ask(keys: readonly string[]): Promise<Replies> {
    const [ttls, values] = await Promise.all([
      this.#commands.sendEach(keys.map(pttlCommand), { keysAtOnce: keys.length }),
      this.#commands.send(mgetCommand(keys, valuesAsBytes), 0),
    ]);
    return { ttls, values };
  }
}

function toTimedReplies({ ttls, values }: Replies): readonly TimedReply[] {
  return values.map((value, place) => toTimed(value, ttls[place] ?? -2));
}

/** PTTL answers -1 for a key that never expires, and -2 for an absent one, which may have come in between. */
function toTimed(bytes: StoredValue, ttl: number | Error): TimedReply {
  if (bytes === undefined) return undefined;
  if (ttl instanceof Error) return ttl;
  return { bytes, remainingMs: ttl === -1 ? null : Math.max(0, ttl) };
}
