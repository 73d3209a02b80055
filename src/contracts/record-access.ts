import type { Clock } from "../kit/clock.ts";
import type { Cache } from "./cache.ts";
import type { MemberIndex, RecordStore } from "./records.ts";
import type { Encoded } from "./serializer.ts";
import type { Store } from "./store.ts";

/** Turns single values into what a store keeps and back, as the cache's options say. */
export interface ValueForm {
  encode(value: unknown): Encoded | Promise<Encoded>;
  decode(stored: Encoded): unknown;
}

/** What a cache lends to the sessions that live in it: its store, its value format, its watch over failures. */
export interface RecordAccess {
  readonly records: RecordStore;
  readonly index: MemberIndex;
  /** The store of plain values, under whole keys. */
  readonly store: Store;
  readonly codec: ValueForm;
  /** By which a moment is past. */
  readonly clock: Clock;
  /** How many keys a scan looks at per step. */
  readonly scanCount: number;

  /** Returns the stored key of a record: beside the cache's keys, which no verb of the cache meets. */
  key(name: string): string;

  /** Runs a task on the store. Its failure is told as the cache's own, and always thrown. */
  run<T>(operation: string, task: () => Promise<T>): Promise<T>;

  /** Tells of a failure that its caller did not see. */
  reportIgnored(operation: string, error: unknown): void;
}

/** The hidden member of a cache that lends it; known by name, so that two copies of this library understand each other. */
const lender = Symbol.for("cachewell.recordAccess");

/** Makes `cache` lend what `lend` returns. */
export function lendRecordAccess(cache: Cache, lend: () => RecordAccess): void {
  Object.defineProperty(cache, lender, { value: lend });
}

/** Returns what `cache` lends. @throws TypeError for anything but a cache of this library */
export function recordAccessOf(cache: Cache): RecordAccess {
  if (typeof cache === "object" && cache !== null && lender in cache) {
    return (cache[lender] as () => RecordAccess)(); // the symbol is this library's own
  }
  throw new TypeError("cache must be a cache of createCache() or createCaches().");
}
