import type { RecordAccess } from "../contracts/record-access.ts";
import type { CacheParts } from "./cache-parts.ts";

/** Returns what a cache lends to sessions: its store under its own guard, its keys, its value format. */
export function toRecordAccess({ foundation, guard, keys, instrument }: CacheParts): RecordAccess {
  const { driver, codec, clock, scanCount } = foundation;
  return {
    records: driver.records,
    index: driver.index,
    store: driver.store,
    codec,
    clock,
    scanCount,
    key: (name) => keys.record(name),
    run: (operation, task) => guard.require({ operation }, task),
    reportIgnored: (operation, error) => instrument.failed({ operation }, error, true),
  };
}
