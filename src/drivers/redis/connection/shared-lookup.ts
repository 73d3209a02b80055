import { type LookupAddress, type LookupOptions, lookup } from "node:dns";
import type { LookupFunction } from "node:net";

type Answered = (
  error: NodeJS.ErrnoException | null,
  address: string | LookupAddress[],
  family?: number,
) => void;

/** Looks a name up, as `dns.lookup` does. */
export type Lookup = (name: string, options: LookupOptions, answered: Answered) => void;

/**
 * Returns a lookup that asks once for all who want the same name meanwhile.
 *
 * A lookup runs on one of libuv's threads, four unless said otherwise, which files need as well, and
 * cannot be called off (https://nodejs.org/api/dns.html#implementation-considerations). While a
 * resolver hangs, one attempt to connect after the other would take them all.
 */
export function sharedLookup(lookUp: Lookup = lookup): LookupFunction {
  const waiting = new Map<string, Answered[]>();
  return (name, options, answered) => {
    const question = JSON.stringify([name, options]);
    const others = waiting.get(question);
    if (others) return void others.push(answered);
    const all = [answered];
    lookUp(name, options, (...answer) => {
      waiting.delete(question);
      for (const tell of all) tell(...answer);
    });
    waiting.set(question, all); // it never answers at once, but may throw
  };
}
