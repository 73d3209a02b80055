import type { SessionBackend } from "../contracts/session-backend.ts";
import type { CacheParts } from "./cache-parts.ts";

/** Returns what sessions need of a cache: its stores under its own guard, its keys, its codec. */
export function toSessionBackend({
  foundation,
  guard,
  keys,
  instrument,
}: CacheParts): SessionBackend {
  const { driver, codec, clock, scanCount } = foundation;
  return {
    records: driver.records,
    index: driver.index,
    store: driver.store,
    codec,
    clock,
    scanCount,
    key: (name) => keys.record(name),
    run: guard.require.bind(guard),
    reportIgnored: (call, error) => instrument.failed(call, error, true),
  };
}
