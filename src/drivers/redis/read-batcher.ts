import { CommandTimeoutError } from "../../contracts/errors.ts";
import type { ReadReply, ReadBatch as SharedBatch, SharedReads } from "../../contracts/store.ts";
import { settleWithin } from "../../kit/deadline.ts";
import { refuse } from "./bounded-commands.ts";
import type { ReadBatch } from "./read-batch.ts";
import { ReadTurn } from "./read-turn.ts";
import type {
  RedisCommand,
  RedisCommands,
  ReplyForm,
  ReservableCommands,
  TogetherRules,
} from "./redis-commands.ts";
import { asError } from "./redis-errors.ts";
import { integerReply } from "./reply-forms.ts";
import { asBytes, toStored, type ValueForm, type ValueForms, withReplaced } from "./value-forms.ts";

/** How many keys travel together. Measured: from 64 on more gain next to nothing, and hold the server up longer. */
const keysPerCommand = 128;

/** A value of this size, in UTF-16 units or bytes, is known again, and read apart from small ones. */
const largeValue = 65_536;

/** How many keys of large values are known. */
const largeKeys = 1_000;

/** The share of the time for an answer that what is asked for last has at the least. */
const leastShareLeft = 0.25;

const unanswered = { operation: "MGET" };

/** What the first command brought. */
interface FirstReplies {
  readonly replies: readonly ReadReply[];
  /** How many of the keys exist, with whatever type; `undefined` where that cannot be told. */
  readonly living?: Promise<number | undefined> | undefined;
}

/**
 * Reads of one turn of the event loop travel together: equal keys once, the others as one `MGET` for each
 * {@link keysPerCommand}. The client writes to its connection once a turn, so nothing leaves later for it, and
 * a lone read is a `GET`. A command that names a key which waits here sends it on its way first, so that each
 * read sees what was there when it was asked.
 */
export class ReadBatcher implements RedisCommands, SharedReads {
  readonly #redis: ReservableCommands;
  readonly #forms: ValueForms;
  readonly #large = new Set<string>();
  #turn: ReadTurn | undefined;
  #apart: ReadTurn[] = [];
  #isScheduled = false;
  #expectsMisses = false;

  constructor(redis: ReservableCommands, forms: ValueForms) {
    this.#redis = redis;
    this.#forms = forms;
  }

  join(key: string): SharedBatch {
    const refusal = this.#redis.reserve(key.length);
    if (refusal) return { place: 0, replies: refuse(refusal) };
    const turn = this.#isLarge(key) ? this.#turnApart(key) : this.#turnForNow();
    return turn.join(key);
  }

  send(command: RedisCommand, form: ReplyForm, calls?: number): Promise<unknown> {
    this.#letPass(command);
    return this.#redis.send(command, form, calls);
  }

  sendMany(
    commands: readonly RedisCommand[],
    form: ReplyForm,
    rules: TogetherRules,
  ): Promise<unknown[]> {
    for (const command of commands) this.#letPass(command);
    return this.#redis.sendMany(commands, form, rules);
  }

  /** Reads that were asked before a command are not to see what it does. */
  #letPass(command: RedisCommand): void {
    if (!this.#isScheduled) return;
    const waits = (key: unknown): boolean => typeof key === "string" && this.#isWaiting(key);
    if (command[0] === "FLUSHDB" || command.some(waits)) this.#flush();
  }

  #isWaiting(key: string): boolean {
    return (this.#turn?.has(key) ?? false) || this.#apart.some((turn) => turn.has(key));
  }

  #turnForNow(): ReadTurn {
    this.#schedule();
    this.#turn ??= new ReadTurn(keysPerCommand);
    return this.#turn;
  }

  #turnApart(key: string): ReadTurn {
    const waiting = this.#apart.find((turn) => turn.has(key));
    if (waiting) return waiting;
    this.#schedule();
    const turn = new ReadTurn(1);
    this.#apart.push(turn);
    return turn;
  }

  /** Runs once all that is ready to run has run: what reads for it, reads together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(this.#flush);
  }

  readonly #flush = (): void => {
    const [turn, apart] = [this.#turn, this.#apart];
    this.#turn = undefined;
    this.#isScheduled = false;
    if (turn) this.#dispatch(turn);
    if (apart.length === 0) return;
    this.#apart = [];
    for (const large of apart) this.#dispatch(large);
  };

  #dispatch({ batches }: ReadTurn): void {
    for (const batch of batches) this.#redis.release(batch.calls, batch.sizeBytes);
    for (const batch of batches) batch.answerWith(this.#ask(batch));
  }

  /** Whatever it takes to tell what was found, all of it takes no longer than one answer may. */
  async #ask(batch: ReadBatch): Promise<readonly ReadReply[]> {
    const startedMs = performance.now();
    const { form } = this.#forms;
    const first = await this.#askFirst(batch, form);
    const rest = this.#askRest(batch.keys, first, form.one);
    if (!rest) return first.replies;
    const { answerMs } = this.#redis;
    const leftMs = Math.max(answerMs * leastShareLeft, answerMs - (performance.now() - startedMs));
    return settleWithin(rest, leftMs, () => new CommandTimeoutError(answerMs, unanswered));
  }

  /**
   * `MGET` takes a key of another type for absent. So where there may be misses, the keys that exist are
   * counted behind it; where a miss was not to be expected, later.
   */
  async #askFirst({ keys, calls }: ReadBatch, { one, perKey }: ValueForm): Promise<FirstReplies> {
    const [key] = keys;
    if (key !== undefined && keys.length === 1)
      return { replies: [toStored(await this.#redis.send(["GET", key], one, calls))] };
    const reading = this.#redis.send(["MGET", ...keys], perKey, calls);
    const living = this.#expectsMisses ? this.#count(keys).catch(() => undefined) : undefined;
    try {
      const values = (await reading) as readonly unknown[]; // the form saw to that
      return { replies: values.map(toStored), living };
    } catch (error) {
      // They may have been too large to come together in time.
      if (error instanceof CommandTimeoutError) for (const each of keys) this.#noteSize(each, true);
      throw error;
    }
  }

  /** Asks for what the first replies leave open; `undefined` where that is nothing. */
  #askRest(
    keys: readonly string[],
    first: FirstReplies,
    form: ReplyForm,
  ): Promise<readonly ReadReply[]> | undefined {
    const { replies } = first;
    const unclear = this.#forms.learn(replies);
    this.#learnSizes(keys, replies);
    if (keys.length === 1) return unclear && this.#askAsBytes(keys, replies, unclear);
    this.#expectsMisses = replies.includes(undefined);
    const known = this.#expectsMisses ? this.#askMissing(keys, first, form) : undefined;
    if (!unclear) return known;
    return Promise.resolve(known ?? replies).then((all) => this.#askAsBytes(keys, all, unclear));
  }

  async #askAsBytes(
    keys: readonly string[],
    replies: readonly ReadReply[],
    unclear: ReadonlySet<number>,
  ): Promise<readonly ReadReply[]> {
    const asked = keys.filter((_, place) => unclear.has(place));
    const values = await this.#redis.send(["MGET", ...asked], asBytes.perKey, 0);
    return withReplaced(replies, unclear, (values as readonly unknown[]).map(toStored));
  }

  /** Those that are absent stay so. Of those that exist, a read of their own tells why they have no value. */
  async #askMissing(
    keys: readonly string[],
    { replies, living }: FirstReplies,
    form: ReplyForm,
  ): Promise<readonly ReadReply[]> {
    const missing = keys.filter((_, place) => replies[place] === undefined);
    const found = keys.length - missing.length;
    const count = async (): Promise<number> => found + (await this.#count(missing));
    const existing = (await living) ?? (await count().catch(() => undefined));
    if (existing !== undefined && existing <= found) return replies;
    const ask = async (key: string, known: ReadReply): Promise<ReadReply> =>
      known ?? this.#redis.send(["GET", key], form, 0).then(() => undefined, asError);
    return Promise.all(keys.map((key, place) => ask(key, replies[place])));
  }

  async #count(keys: readonly string[]): Promise<number> {
    return Number(await this.#redis.send(["EXISTS", ...keys], integerReply, 0));
  }

  #isLarge(key: string): boolean {
    return this.#large.size > 0 && this.#large.has(key);
  }

  #learnSizes(keys: readonly string[], replies: readonly ReadReply[]): void {
    for (let place = 0; place < replies.length; place += 1) {
      const reply = replies[place];
      const isLarge =
        reply !== undefined && !(reply instanceof Error) && reply.length >= largeValue;
      if (isLarge || this.#large.size > 0) this.#noteSize(keys[place] ?? "", isLarge);
    }
  }

  /** Those that were read longest ago are forgotten first. */
  #noteSize(key: string, isLarge: boolean): void {
    this.#large.delete(key);
    if (!isLarge) return;
    this.#large.add(key);
    const [oldest = ""] = this.#large;
    if (this.#large.size > largeKeys) this.#large.delete(oldest);
  }
}
