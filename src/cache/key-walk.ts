import { requireFunction, requireSignal, requireWhole } from "../checks/require.ts";
import type { DeletePatternOptions, ScanOptions } from "../contracts/cache.ts";
import type { KeyBuilder } from "../keys/key-builder.ts";
import { batchesOf } from "../kit/batches.ts";
import type { Call, Calls } from "./calls/calls.ts";
import { PartialFailure } from "./calls/partial-failure.ts";
import { checkCallOptions, type Operation } from "./options/call-options.ts";
import type { InFlightLoads } from "./read-through/in-flight-loads.ts";
import type { Values } from "./values/values.ts";

/** Which keys to walk, and for whom. */
interface Walk {
  readonly call: Call;
  readonly pattern: string;
  readonly version: number | "all" | undefined;
  readonly scanCount: number;
}

/** What {@link KeyWalk} is made of. */
export interface KeyWalkParts {
  readonly values: Values;
  readonly calls: Calls;
  readonly keys: KeyBuilder;
  readonly inFlight: InFlightLoads;
  /** How many keys the server looks at per step, where the call does not say. */
  readonly scanCount: number;
}

/** A SCAN step may answer more keys than it was asked for; they are deleted in batches of this size. */
const deletesAtOnce = 1_000;

/** Walks the keys of one scope, and no other's: it checks every key that a scan gives once more. */
export class KeyWalk {
  readonly #parts: KeyWalkParts;

  constructor(parts: KeyWalkParts) {
    this.#parts = parts;
  }

  /** Returns the user's keys; none where the walk broke off, since some would look like all. */
  async list(pattern: string, options: ScanOptions = {}): Promise<string[]> {
    const found: string[] = [];
    let isWhole = true;
    const breakOff = (): void => {
      isWhole = false;
    };
    const walk = this.#walk("keys", pattern, options);
    for await (const key of this.#keys(walk, breakOff)) found.push(key);
    return isWhole ? found : [];
  }

  /** Yields the user's keys, each once. */
  async *iterate(pattern: string, options: ScanOptions = {}): AsyncIterableIterator<string> {
    yield* this.#keys(this.#walk("iterKeys", pattern, options));
  }

  /** Deletes the keys that match. Returns how many. */
  async delete(pattern: string, options: DeletePatternOptions = {}): Promise<number> {
    const walk = this.#walk("deletePattern", pattern, options);
    requireSignal(options.signal);
    if (options.onProgress !== undefined) requireFunction("onProgress", options.onProgress);
    return this.#delete(walk, options);
  }

  /** Deletes every key of every version. Returns how many. */
  async clear(): Promise<number> {
    const { scanCount } = this.#parts;
    return this.#delete({ call: { operation: "clear" }, pattern: "*", version: "all", scanCount });
  }

  /** Deletes every key of the database, whoever's they are. */
  async flush(): Promise<void> {
    const { calls, inFlight, values } = this.#parts;
    inFlight.supersedeAll();
    await calls.run({ operation: "flushDatabase" }, undefined, () => values.flush());
  }

  #walk(operation: Operation, pattern: string, options: ScanOptions): Walk {
    checkCallOptions(operation, options);
    const scanCount = requireWhole("scanCount", options.scanCount ?? this.#parts.scanCount, 1);
    return { call: { operation }, pattern, version: options.version, scanCount };
  }

  /** SCAN may give a key twice, so those given are remembered. */
  async *#keys(walk: Walk, onBreakOff?: () => void): AsyncGenerator<string> {
    const given = new Set<string>();
    for await (const batch of this.#batches(walk, onBreakOff)) {
      for (const storedKey of batch) {
        const key = this.#parts.keys.parse(storedKey, walk.version);
        if (key === undefined || given.has(key)) continue;
        given.add(key);
        yield key;
      }
    }
  }

  /** Batch by batch; it remembers nothing, so a million keys need no memory. */
  async #delete(walk: Walk, { onProgress, signal }: DeletePatternOptions = {}): Promise<number> {
    const { keys, inFlight } = this.#parts;
    signal?.throwIfAborted();
    inFlight.supersedeAll();
    let deleted = 0;
    for await (const batch of this.#batches(walk)) {
      signal?.throwIfAborted();
      const own = batch.filter((storedKey) => keys.parse(storedKey, walk.version) !== undefined);
      for (const few of batchesOf(own, deletesAtOnce)) {
        signal?.throwIfAborted();
        deleted += await this.#deleteBatch(few, walk);
        onProgress?.(deleted);
      }
    }
    return deleted;
  }

  async #deleteBatch(storedKeys: readonly string[], { call, version }: Walk): Promise<number> {
    const { calls, keys, values } = this.#parts;
    const deletion = await calls.run(call, undefined, () => values.deleteMany(storedKeys));
    if (!deletion) return 0;
    calls.deletedMany(deletion.deleted);
    const failure = new PartialFailure();
    for (const [storedKey, error] of deletion.failed) {
      failure.add(keys.parse(storedKey, version) ?? storedKey, error);
    }
    failure.settle(calls, call);
    return deletion.deleted;
  }

  /** Every step is a call of its own, so that an iterator left lying holds up no `close()`. */
  async *#batches(
    { call, pattern, version, scanCount }: Walk,
    onBreakOff?: () => void,
  ): AsyncGenerator<readonly string[]> {
    const { calls, keys, values } = this.#parts;
    const steps = values.scan(keys.pattern(pattern, version), { count: scanCount });
    for (;;) {
      const step = await calls.run(call, undefined, () => steps.next());
      if (step === undefined) onBreakOff?.();
      if (step === undefined || step.done) return;
      yield step.value;
    }
  }
}
