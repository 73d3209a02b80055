import type { Store } from "../contracts/store.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import { batchesOf } from "../kit/batches.ts";
import type { Guard } from "./calls/guard.ts";
import type { Call, Instrument } from "./calls/instrument.ts";

/** Which keys to walk, and for whom. */
export interface Walk {
  readonly call: Call;
  readonly pattern: string;
  readonly version: number | "all" | undefined;
  readonly scanCount: number;
}

/** The parts that walking is made of. */
export interface WalkParts {
  readonly store: Store;
  readonly guard: Guard;
  readonly keys: KeyBuilder;
  readonly instrument: Instrument;
}

/** What goes on while keys are deleted. */
export interface DeleteProgress {
  readonly onProgress?: ((deleted: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A SCAN step may answer more keys than it was asked for; they are deleted in batches of this size. */
const deletesAtOnce = 1_000;

/** Walks the keys of one scope, and no other's: every key that a scan gives is checked again here. */
export class KeyWalk {
  readonly #store: Store;
  readonly #guard: Guard;
  readonly #keys: KeyBuilder;
  readonly #instrument: Instrument;

  constructor({ store, guard, keys, instrument }: WalkParts) {
    this.#store = store;
    this.#guard = guard;
    this.#keys = keys;
    this.#instrument = instrument;
  }

  /** Returns the user's keys; none where the walk broke off, since some would look like all. */
  async list(walk: Walk): Promise<string[]> {
    const found: string[] = [];
    let isWhole = true;
    const breakOff = (): void => {
      isWhole = false;
    };
    for await (const key of this.keys(walk, breakOff)) found.push(key);
    return isWhole ? found : [];
  }

  /** Yields the user's keys, each once: SCAN may give a key twice, so those given are remembered. */
  async *keys(walk: Walk, onBreakOff?: () => void): AsyncGenerator<string> {
    const given = new Set<string>();
    for await (const batch of this.#batches(walk, onBreakOff)) {
      for (const storedKey of batch) {
        const key = this.#keys.parse(storedKey, walk.version);
        if (key === undefined || given.has(key)) continue;
        given.add(key);
        yield key;
      }
    }
  }

  /** Deletes the keys, batch by batch; nothing is remembered, so a million keys need no memory. */
  async delete(walk: Walk, { onProgress, signal }: DeleteProgress): Promise<number> {
    let deleted = 0;
    for await (const batch of this.#batches(walk)) {
      signal?.throwIfAborted();
      const own = batch.filter(
        (storedKey) => this.#keys.parse(storedKey, walk.version) !== undefined,
      );
      for (const few of batchesOf(own, deletesAtOnce)) {
        signal?.throwIfAborted();
        const gone = await this.#guard.run(walk.call, 0, () => this.#store.delete(few));
        this.#instrument.deletedMany(gone);
        deleted += gone;
        onProgress?.(deleted);
      }
    }
    return deleted;
  }

  /** Every step is a call of its own, so that an iterator left lying holds up no `close()`. */
  async *#batches(
    { call, pattern, version, scanCount }: Walk,
    onBreakOff?: () => void,
  ): AsyncGenerator<readonly string[]> {
    const glob = this.#keys.pattern(pattern, version);
    const steps = this.#store.scan(glob, { count: scanCount })[Symbol.asyncIterator]();
    for (;;) {
      const step = await this.#guard.run(call, undefined, () => steps.next());
      if (step === undefined) onBreakOff?.();
      if (step === undefined || step.done) return;
      yield step.value;
    }
  }
}
