import type { Command } from "../commands/command.ts";
import { type CommandExecutor, refuse } from "../commands/command-executor.ts";

/** How reads travel together. */
export interface CoalescingRules<Reply> {
  readonly keysPerBatch: number;
  /** Keys that travel alone; it may change at any time. */
  readonly alone: ReadonlySet<string>;
  /** Asks for the keys of a batch, and settles it. */
  readonly read: (batch: ReadBatch<Reply>) => void;
}

/** The batch that a read joined, and its place there. */
export type JoinedBatch<Reply> = Pick<ReadBatch<Reply>, "place" | "replies">;

/** Keys that are read together, each of which is in it once, and the calls that wait for them. */
export class ReadBatch<Reply> {
  readonly keys: string[] = [];
  readonly replies: Promise<readonly Reply[]>;
  /** Which of the batches of its turn it is. */
  readonly number: number;
  /** The place of the key that joined last. */
  place = 0;
  /** How many calls wait for it. */
  calls = 0;
  /** The size of the keys that they asked for. */
  bytes = 0;
  resolve: (replies: readonly Reply[]) => void = ignore;
  reject: (error: unknown) => void = ignore;

  constructor(number: number) {
    this.number = number;
    this.replies = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}

/**
 * Collects the reads of one turn of the event loop into batches, equal keys once. The client writes to its socket
 * once a turn, so nothing leaves later for it. A command that names a waiting key sends the batches on their way
 * first: each read sees what was there when it was asked.
 */
export class ReadCoalescer<Reply> {
  /** Whether a read waits. A plain field: every command reads it. */
  isWaiting = false;
  readonly #commands: CommandExecutor;
  readonly #rules: CoalescingRules<Reply>;
  /** Where a key waits: the number of its batch times `keysPerBatch`, plus its place there. */
  #places = new Map<string, number>();
  #batches: ReadBatch<Reply>[] = [];
  /** The batch that takes further keys. */
  #open: ReadBatch<Reply> | undefined;

  constructor(commands: CommandExecutor, rules: CoalescingRules<Reply>) {
    this.#commands = commands;
    this.#rules = rules;
  }

  /** Adds a call. Returns its batch; read `place` synchronously, the next call moves it. */
  join(key: string): JoinedBatch<Reply> {
    const refusal = this.#commands.reserve(key.length);
    if (refusal) return { place: 0, replies: refuse(refusal) };
    const batch = this.#batchFor(key);
    batch.calls += 1;
    batch.bytes += key.length;
    return batch;
  }

  /** Sends the waiting reads ahead of a command that names one of their keys, or writes to all keys. */
  letPass({ args, firstKey, keyCount, isWrite }: Command): void {
    if (keyCount === 0 && isWrite) return this.#send();
    for (let at = firstKey; at < firstKey + keyCount; at += 1) {
      if (this.#places.has(String(args[at]))) return this.#send();
    }
  }

  /** Batches leave once all that is ready to run has run: what reads in this turn, reads together. */
  #batchFor(key: string): ReadBatch<Reply> {
    const { alone, keysPerBatch } = this.#rules;
    const known = this.#places.get(key);
    if (known !== undefined) return this.#batchAt(known);
    const isAlone = alone.size > 0 && alone.has(key);
    let batch = isAlone ? undefined : this.#open;
    if (!batch || batch.keys.length >= keysPerBatch) {
      batch = new ReadBatch<Reply>(this.#batches.length);
      this.#batches.push(batch);
      if (!isAlone) this.#open = batch;
      if (!this.isWaiting) process.nextTick(this.#send);
      this.isWaiting = true;
    }
    batch.place = batch.keys.push(key) - 1;
    this.#places.set(key, batch.number * keysPerBatch + batch.place);
    return batch;
  }

  #batchAt(known: number): ReadBatch<Reply> {
    const place = known % this.#rules.keysPerBatch;
    const batch = this.#batches[(known - place) / this.#rules.keysPerBatch];
    if (!batch) throw new RangeError(`No batch holds place ${known}.`); // places and batches go together
    batch.place = place;
    return batch;
  }

  readonly #send = (): void => {
    const batches = this.#batches;
    this.#batches = [];
    this.#open = undefined;
    this.#places = new Map(); // one that lives on would grow anew in the old generation
    this.isWaiting = false;
    for (const batch of batches) this.#rules.read(batch);
  };
}

function ignore(): void {}
