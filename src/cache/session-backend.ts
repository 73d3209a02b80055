import type { SessionBackend } from "../contracts/session-backend.ts";
import type { CacheParts } from "./cache-parts.ts";

/** Returns what sessions need of a cache: its stores under its own failure policy, its keys, its codec. */
export function toSessionBackend({ foundation, calls, keys }: CacheParts): SessionBackend {
  const { driver, codec, clock, scanCount } = foundation;
  return {
    records: driver.records,
    index: driver.index,
    store: driver.store,
    codec,
    clock,
    scanCount,
    key: (name) => keys.record(name),
    run: calls.require.bind(calls),
    reportIgnored: (call, error) => calls.report(call, error, true),
  };
}
