import type { NearSource } from "./invalidation.ts";
import type { Locker } from "./locker.ts";
import type { MemberIndex, RecordStore } from "./records.ts";
import type { Store } from "./store.ts";

/** What one backend offers to one cache. */
export interface Driver {
  readonly store: Store;
  readonly locker: Locker;
  readonly records: RecordStore;
  readonly index: MemberIndex;

  /** What it takes to keep values in this process; absent where they are in it already. */
  readonly near?: NearSource;

  /** Returns the native client behind the store. Rejects with `ConfigurationError` where there is none. */
  rawClient(rules: { readonly write: boolean }): Promise<unknown>;

  /** Frees what this driver opened, once nobody else uses it. Calling it again does nothing. */
  close(): Promise<void>;
}
