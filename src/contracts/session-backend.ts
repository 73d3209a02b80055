import type { Clock } from "../kit/clock.ts";
import type { Codec } from "./codec.ts";
import type { MemberIndex, RecordStore } from "./records.ts";
import type { Store } from "./store.ts";

/** The call that an `error` event names. */
export interface BackendCall {
  /** For example `"sessions.load"`. */
  readonly operation: string;
}

/** What sessions need of the cache they live in: its stores, its codec, its handling of failures. */
export interface SessionBackend {
  readonly records: RecordStore;
  readonly index: MemberIndex;
  /** The store of plain values. It takes whole keys, without the cache's own prefix. */
  readonly store: Store;
  readonly codec: Codec;
  /** Decides whether a moment is past. */
  readonly clock: Clock;
  /** How many keys a scan looks at per step. */
  readonly scanCount: number;

  /**
   * Returns the stored key of a record. It lies beside the cache's keys, where no verb of the cache
   * meets it. `key(a) + b` is `key(a + b)`, so that a key's head may be built once.
   */
  key(name: string): string;

  /** Runs a task on the store. A failure emits the cache's `error` event and always rejects. */
  run<T>(call: BackendCall, task: () => Promise<T>): Promise<T>;

  /** Emits the `error` event of a failure that the caller does not see. */
  reportIgnored(call: BackendCall, error: unknown): void;
}

/** The hidden member of a cache. A registered symbol, so that two copies of this library find each other's. */
export const sessionBackend: unique symbol = Symbol.for("cachewell.sessionBackend");
