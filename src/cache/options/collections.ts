import type { Entries } from "../../contracts/cache.ts";
import { isPlainObject } from "../../kit/plain-data.ts";

/** Returns the entries as a map. @throws TypeError when they are neither pairs nor an object */
export function toEntryMap(entries: Entries): Map<string, unknown> {
  if (isIterable(entries)) return new Map(entries);
  if (isPlainObject(entries)) return new Map(Object.entries(entries));
  throw new TypeError("The entries must be an object, a Map, or pairs of key and value.");
}

/** Returns the keys, each once. @throws TypeError when they are no collection of keys, a lone string among them */
export function toKeyList(keys: Iterable<string>): string[] {
  if (isIterable(keys)) return [...new Set(keys)];
  throw new TypeError("The keys must be an array, or another collection, of strings.");
}

/** Text is no collection here: its characters were never meant. */
function isIterable<T>(value: Iterable<T> | object | string): value is Iterable<T> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
