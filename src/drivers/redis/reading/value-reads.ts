import { CommandTimeoutError } from "../../../contracts/errors.ts";
import type { ReadReply } from "../../../contracts/store.ts";
import { withTimeout } from "../../../kit/with-timeout.ts";
import type { CommandExecutor } from "../commands/command-executor.ts";
import { existsCommand } from "../commands/key-commands.ts";
import { asError } from "../commands/server-errors.ts";
import {
  getCommand,
  isUnclear,
  mgetCommand,
  type StoredValue,
  valuesAsBytes,
  valuesAsText,
} from "../commands/value-commands.ts";
import { type ReadBatch, ReadCoalescer } from "./read-coalescer.ts";
import { type ReplyEncoding, withReplaced } from "./reply-encoding.ts";

/** How many keys travel together. Measured: from 64 on more gain next to nothing, and delay the server's other clients. */
const keysPerCommand = 128;

/** A value of this size, in UTF-16 units or bytes, is remembered, and read apart from small ones. */
const largeValue = 65_536;

/** How many keys of large values are remembered. */
const largeKeys = 1_000;

/** The least share of the command timeout that a follow-up gets after a late reply. */
const leastShareLeft = 0.25;

const unanswered = { operation: "MGET" };

/** What the first command brought. */
interface FirstReplies {
  readonly values: readonly StoredValue[];
  readonly startedMs: number;
  /** How many of the keys exist, whatever their type; `undefined` where nobody asked, or got no answer. */
  readonly living?: Promise<number | undefined> | undefined;
}

/** What the first replies leave open. */
interface OpenQuestions {
  /** The places of the values that may not be text. */
  readonly unclear: ReadonlySet<number> | undefined;
  /** Whether a missing key may hold another type. */
  readonly mayBeOfOtherType: boolean;
}

/**
 * Reads of single values: those of one turn travel as one `MGET` for each {@link keysPerCommand} keys, a lone one
 * as a `GET`.
 */
export class ValueReads {
  readonly coalescer: ReadCoalescer<ReadReply>;
  readonly #commands: CommandExecutor;
  readonly #encoding: ReplyEncoding;
  readonly #large = new Set<string>();
  #expectsMisses = false;

  constructor(commands: CommandExecutor, encoding: ReplyEncoding) {
    this.#commands = commands;
    this.#encoding = encoding;
    this.coalescer = new ReadCoalescer(commands, {
      keysPerBatch: keysPerCommand,
      alone: this.#large,
      read: this.#read,
    });
  }

  readonly #read = (batch: ReadBatch<ReadReply>): void => {
    const [key, another] = batch.keys;
    if (key === undefined || another !== undefined) return this.#readSeveral(batch);
    const startedMs = performance.now();
    const replies = this.#encoding.isText ? valuesAsText : valuesAsBytes;
    this.#commands.dispatch(getCommand(key, replies), batch, {
      resolve: (value) => this.#received(batch, { values: [value], startedMs }),
      reject: batch.reject,
    });
  };

  /**
   * `MGET` takes a key of another type for absent. So an `EXISTS` counts the keys that exist: right behind it where
   * misses are to be expected, later where a miss comes unexpectedly.
   */
  #readSeveral(batch: ReadBatch<ReadReply>): void {
    const startedMs = performance.now();
    const replies = this.#encoding.isText ? valuesAsText : valuesAsBytes;
    let living: Promise<number | undefined> | undefined;
    this.#commands.dispatch(mgetCommand(batch.keys, replies), batch, {
      resolve: (values) => this.#received(batch, { values, startedMs, living }),
      reject: (error) => this.#failed(batch, error),
    });
    if (this.#expectsMisses) living = this.#count(batch.keys);
  }

  #failed(batch: ReadBatch<ReadReply>, error: unknown): void {
    // They may have been too large to come together in time.
    if (error instanceof CommandTimeoutError) for (const key of batch.keys) this.#note(key, true);
    batch.reject(error);
  }

  /** Most replies leave nothing open: values that are there, and clear. */
  #received(batch: ReadBatch<ReadReply>, first: FirstReplies): void {
    const { keys } = batch;
    const { values } = first;
    let isClear = this.#encoding.isText;
    let missing = 0;
    for (let place = 0; place < values.length; place += 1) {
      const value = values[place];
      if (value === undefined) missing += 1;
      else if (isClear && isUnclear(value)) isClear = false;
      const isLarge = value !== undefined && value.length >= largeValue;
      if (isLarge || this.#large.size > 0) this.#note(keys[place] ?? "", isLarge);
    }
    if (keys.length > 1) this.#expectsMisses = missing > 0;
    const unclear = isClear ? undefined : this.#encoding.learn(values);
    const mayBeOfOtherType = missing > 0 && keys.length > 1;
    if (unclear || mayBeOfOtherType) void this.#askOn(batch, first, { unclear, mayBeOfOtherType });
    else batch.resolve(values);
  }

  /** Asks for what the first replies leave open. All in all it takes no longer than one reply may. */
  async #askOn(
    batch: ReadBatch<ReadReply>,
    first: FirstReplies,
    open: OpenQuestions,
  ): Promise<void> {
    const { answerMs } = this.#commands;
    const tookMs = performance.now() - first.startedMs;
    const leftMs = Math.max(answerMs * leastShareLeft, answerMs - tookMs);
    const late = (): Error => new CommandTimeoutError(answerMs, unanswered);
    try {
      batch.resolve(await withTimeout(this.#answer(batch.keys, first, open), leftMs, late));
    } catch (error) {
      batch.reject(error);
    }
  }

  async #answer(
    keys: readonly string[],
    first: FirstReplies,
    { unclear, mayBeOfOtherType }: OpenQuestions,
  ): Promise<readonly ReadReply[]> {
    const known = mayBeOfOtherType ? await this.#askMissing(keys, first) : first.values;
    return unclear ? this.#askAsBytes(keys, known, unclear) : known;
  }

  async #askAsBytes(
    keys: readonly string[],
    replies: readonly ReadReply[],
    unclear: ReadonlySet<number>,
  ): Promise<readonly ReadReply[]> {
    const asked = keys.filter((_, place) => unclear.has(place));
    const values = await this.#commands.send(mgetCommand(asked, valuesAsBytes), 0);
    return withReplaced(replies, unclear, values);
  }

  /** Absent keys stay absent. For keys that exist, a `GET` each tells why they have no value. */
  async #askMissing(
    keys: readonly string[],
    { values, living }: FirstReplies,
  ): Promise<readonly ReadReply[]> {
    const missing = keys.filter((_, place) => values[place] === undefined);
    const found = keys.length - missing.length;
    const existing = (await living) ?? (await this.#countBeside(found, missing));
    if (existing !== undefined && existing <= found) return values;
    const reply = async (key: string, place: number): Promise<ReadReply> =>
      values[place] ?? this.#askWhyMissing(key);
    return Promise.all(keys.map(reply));
  }

  #askWhyMissing(key: string): Promise<ReadReply> {
    return this.#commands.send(getCommand(key, valuesAsBytes), 0).then(() => undefined, asError);
  }

  async #countBeside(found: number, missing: readonly string[]): Promise<number | undefined> {
    const existing = await this.#count(missing);
    return existing === undefined ? undefined : found + existing;
  }

  #count(keys: readonly string[]): Promise<number | undefined> {
    return this.#commands.send(existsCommand(keys), 0).catch(() => undefined);
  }

  /** Remembers a key of a large value, or forgets one. Those read longest ago are forgotten first. */
  #note(key: string, isLarge: boolean): void {
    this.#large.delete(key);
    if (!isLarge) return;
    this.#large.add(key);
    const [oldest = ""] = this.#large;
    if (this.#large.size > largeKeys) this.#large.delete(oldest);
  }
}
