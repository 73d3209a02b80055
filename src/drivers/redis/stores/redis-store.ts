import { ServerRefusedError } from "../../../contracts/errors.ts";
import type { Encoded } from "../../../contracts/serializer.ts";
import type {
  CountFailure,
  CountRules,
  Deletion,
  Lifetime,
  ReadReply,
  ScanRules,
  SharedReads,
  Store,
  WriteEntry,
  WriteReply,
  WriteRules,
} from "../../../contracts/store.ts";
import { batchesOf } from "../../../kit/batches.ts";
import { type Command, toArgument } from "../commands/command.ts";
import type { CommandExecutor } from "../commands/command-executor.ts";
import type { CommandSender, EachRules } from "../commands/command-sender.ts";
import {
  existsCommand,
  flushCommand,
  incrByCommand,
  persistCommand,
  pexpireAtCommand,
  pexpireCommand,
  pingCommand,
  pttlCommand,
  renameCommand,
  unlinkCommand,
} from "../commands/key-commands.ts";
import { statusReply, yesOrNoReply } from "../commands/reply-types.ts";
import { runScript } from "../commands/script.ts";
import {
  getAndDeleteCommand,
  getCommand,
  mgetCommand,
  setCommand,
  type ValueReplies,
  valuesAsBytes,
  valuesAsText,
} from "../commands/value-commands.ts";
import type { ReadCoalescer } from "../reading/read-coalescer.ts";
import { ReplyEncoding, withReplaced } from "../reading/reply-encoding.ts";
import { ValueReads } from "../reading/value-reads.ts";
import { scanKeys } from "./scan-keys.ts";
import {
  countReply,
  countScript,
  persistExisting,
  setKeepingTtl,
  sumReply,
} from "./store-scripts.ts";

/** How many keys one command names. More would delay the server's other clients. */
const keysPerCommand = 250;

/** How many keys of one call are under way at once: they have the whole command timeout for their replies. */
const keysAtOnce = 1_000;

/** How values are read. */
export interface ReadingParts {
  /** Whether the reads of one turn of the event loop travel together. */
  readonly coalesce: boolean;
  /** Reads of the same keys with their lifetimes. */
  readonly timedReads: WaitingReads;
}

/** Reads that wait for the end of the turn. */
type WaitingReads = Pick<ReadCoalescer<unknown>, "isWaiting" | "letPass">;

/** Values in one Redis, 6.2 or newer, or Valkey. */
export class RedisStore implements Store, CommandSender {
  readonly name = "redis";
  readonly sharedReads: SharedReads | undefined;
  readonly #commands: CommandExecutor;
  readonly #encoding = new ReplyEncoding();
  readonly #reads: ReadCoalescer<ReadReply> | undefined;
  readonly #timedReads: WaitingReads;

  constructor(commands: CommandExecutor, { coalesce, timedReads }: ReadingParts) {
    this.#commands = commands;
    this.#timedReads = timedReads;
    this.#reads = coalesce ? new ValueReads(commands, this.#encoding).coalescer : undefined;
    this.sharedReads = this.#reads;
  }

  async get(key: string): Promise<Encoded | undefined> {
    if (!this.#reads) return this.send(getCommand(key, valuesAsBytes));
    const batch = this.#reads.join(key);
    const { place } = batch;
    const reply = (await batch.replies)[place];
    if (reply instanceof Error) throw reply;
    return reply;
  }

  async getMany(keys: readonly string[]): Promise<readonly ReadReply[]> {
    const replies = await this.#mget(keys, this.#encoding.isText ? valuesAsText : valuesAsBytes);
    const unclear = this.#encoding.learn(replies);
    if (!unclear) return replies;
    const asked = keys.filter((_, place) => unclear.has(place));
    return withReplaced(replies, unclear, await this.#mget(asked, valuesAsBytes));
  }

  set(key: string, bytes: Encoded, rules: WriteRules): Promise<boolean> {
    if (typeof bytes !== "string") this.#encoding.expectBytes();
    const isConditional = rules.keepTtl && rules.condition === undefined;
    return isConditional
      ? this.#setKeepingTtl(key, bytes, rules.lifetime)
      : this.send(setCommand(key, bytes, rules));
  }

  setMany(entries: readonly WriteEntry[]): Promise<readonly WriteReply[]> {
    if (entries.some(({ bytes }) => typeof bytes !== "string")) this.#encoding.expectBytes();
    const commands = entries.map(({ key, bytes, rules }) => setCommand(key, bytes, rules));
    return this.sendEach(commands, { keysAtOnce }).then(unlessAllFailed);
  }

  take(key: string): Promise<Encoded | undefined> {
    return this.send(getAndDeleteCommand(key));
  }

  async has(key: string): Promise<boolean> {
    return (await this.send(existsCommand([key]))) === 1;
  }

  async delete(keys: readonly string[]): Promise<Deletion> {
    const batches = batchesOf(keys, keysPerCommand);
    const outcomes = unlessAllFailed(
      await this.sendEach(batches.map(unlinkCommand), { keysAtOnce }),
    );
    const failed = new Map<string, Error>();
    let deleted = 0;
    for (const [at, outcome] of outcomes.entries()) {
      if (!(outcome instanceof Error)) deleted += outcome;
      else for (const key of batches[at] ?? []) failed.set(key, outcome);
    }
    return { deleted, failed };
  }

  async count(
    key: string,
    delta: bigint,
    { createWith }: CountRules,
  ): Promise<bigint | CountFailure> {
    if (BigInt.asIntN(64, delta) !== delta) return "overflow"; // nothing that INCRBY can add
    if (createWith === "forever") return this.#countForever(key, String(delta));
    const lifetime = createWith === undefined ? "none" : toText(createWith);
    const call = { keys: [key], args: [String(delta), lifetime], reply: countReply };
    return runScript(this, countScript, call);
  }

  async expire(key: string, lifetime: Lifetime): Promise<boolean> {
    return lifetime === "forever"
      ? runScript(this, persistExisting, { keys: [key], args: [], reply: yesOrNoReply })
      : this.send(pexpireCommand(key, lifetime.ttlMs));
  }

  expireAt(key: string, unixMs: number): Promise<boolean> {
    return this.send(pexpireAtCommand(key, unixMs));
  }

  persist(key: string): Promise<boolean> {
    return this.send(persistCommand(key));
  }

  async remainingMs(key: string): Promise<number | null> {
    const ttl = await this.send(pttlCommand(key));
    if (ttl === -1) return null;
    return ttl === -2 ? 0 : Math.max(1, ttl);
  }

  async rename(from: string, to: string): Promise<boolean> {
    try {
      return await this.send(renameCommand(from, to));
    } catch (error) {
      if (isAnswer(error, "no such key")) return false;
      throw error;
    }
  }

  scan(pattern: string, rules: ScanRules): AsyncIterable<readonly string[]> {
    return scanKeys(this, pattern, rules);
  }

  async flush(): Promise<void> {
    await this.send(flushCommand);
  }

  ping(): Promise<void> {
    return this.send(pingCommand);
  }

  send<Result>(command: Command<Result>): Promise<Result> {
    if (this.#reads?.isWaiting || this.#timedReads.isWaiting) this.#letPass(command);
    return this.#commands.send(command);
  }

  sendEach<Result>(
    commands: readonly Command<Result>[],
    rules: EachRules,
  ): Promise<readonly (Result | Error)[]> {
    if (this.#reads?.isWaiting || this.#timedReads.isWaiting) {
      for (const command of commands) this.#letPass(command);
    }
    return this.#commands.sendEach(commands, rules);
  }

  /** Reads that wait go first where the command names one of their keys. */
  #letPass(command: Command): void {
    this.#reads?.letPass(command);
    this.#timedReads.letPass(command);
  }

  async #mget(keys: readonly string[], replies: ValueReplies): Promise<readonly ReadReply[]> {
    const [only, ...others] = batchesOf(keys, keysPerCommand);
    if (!only) return [];
    if (others.length === 0) return this.send(mgetCommand(only, replies));
    const batches = [only, ...others];
    const commands = batches.map((batch) => mgetCommand(batch, replies));
    const outcomes = unlessAllFailed(await this.sendEach(commands, { keysAtOnce }));
    return outcomes.flatMap((outcome, at): readonly ReadReply[] =>
      outcome instanceof Error ? (batches[at] ?? []).map(() => outcome) : outcome,
    );
  }

  #setKeepingTtl(key: string, bytes: Encoded, lifetime: Lifetime): Promise<boolean> {
    const args = [toArgument(bytes), toText(lifetime)];
    return runScript(this, setKeepingTtl, { keys: [key], args, reply: statusReply });
  }

  /** `INCRBY` does all that such a counter asks for: an absent one counts from zero and never expires. */
  async #countForever(key: string, delta: string): Promise<bigint | CountFailure> {
    try {
      return await this.send(incrByCommand(key, delta, sumReply));
    } catch (error) {
      if (!isAnswer(error, "overflow") && !isAnswer(error, "not an integer")) throw error;
      const call = { keys: [key], args: [delta, "forever"], reply: countReply };
      return runScript(this, countScript, call); // it tells the failures apart
    }
  }
}

/** Returns the outcomes, or throws the first where all of them are errors. */
function unlessAllFailed<Result>(
  outcomes: readonly (Result | Error)[],
): readonly (Result | Error)[] {
  const [first] = outcomes;
  if (!(first instanceof Error)) return outcomes;
  if (outcomes.every((outcome) => outcome instanceof Error)) throw first;
  return outcomes;
}

function toText(lifetime: Lifetime): string {
  return lifetime === "forever" ? lifetime : String(lifetime.ttlMs);
}

/** Whether the server refused a command with these words. */
function isAnswer(error: unknown, words: string): boolean {
  if (!(error instanceof ServerRefusedError)) return false;
  return error.cause instanceof Error && error.cause.message.includes(words);
}
