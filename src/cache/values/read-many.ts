import type { Entries } from "../../contracts/cache.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import { isPlainObject } from "../../kit/plain-object.ts";
import type { Guard } from "../calls/guard.ts";
import type { Instrument } from "../calls/instrument.ts";
import { absent, type Values } from "./values.ts";

/** The parts that a read of many keys needs. */
export interface ReadManyParts {
  readonly values: Values;
  readonly guard: Guard;
  readonly instrument: Instrument;
}

/** A call that reads many keys. */
export interface ManyKeys {
  /** The method the user called. */
  readonly operation: string;
  /** The keys the user gave. */
  readonly keys: readonly string[];
  /** Each one's stored key. */
  readonly storedKeys: readonly string[];
}

/** Given the value of a key that has one, and its stored form. */
type Take = (key: string, value: unknown, bytes: Encoded | undefined) => void;

/** What a read of many keys came to, beside what it found. */
export interface ManyRead {
  /** The keys whose stored bytes could not be decoded. */
  readonly unreadable: ReadonlySet<string>;
  /** Whether the store did not answer, and that was ignored. */
  readonly failed: boolean;
}

/** Reads many keys in one round trip, and hands over what it finds in their order. */
export async function readMany(
  parts: ReadManyParts,
  { operation, keys, storedKeys }: ManyKeys,
  take: Take,
): Promise<ManyRead> {
  const { values, guard, instrument } = parts;
  const unreadable = new Set<string>();
  const near = values.keptOf(storedKeys);
  for (const { value } of near.values()) if (value instanceof Promise) value.catch(() => undefined);
  const far = near.size === 0 ? storedKeys : storedKeys.filter((key) => !near.has(key));
  const stored = await guard.run({ operation }, undefined, () => values.readMany(far));

  let next = 0;
  for (let at = 0; at < keys.length; at += 1) {
    const [key = "", storedKey = ""] = [keys[at], storedKeys[at]];
    const kept = near.size === 0 ? undefined : near.get(storedKey);
    const bytes = kept ? kept.bytes : stored?.[next++];
    const decoded = kept ? keptOne(kept.value, key) : decodeOne(bytes, key);
    const value = decoded instanceof Promise ? await decoded : decoded; // most are there at once
    if (value !== absent) take(key, value, bytes);
    instrument.read(key, value !== absent);
  }
  return { unreadable, failed: stored === undefined };

  /** One value that cannot be read must not spoil the others. */
  function decodeOne(bytes: Encoded | undefined, key: string): unknown {
    try {
      return keptOne(values.decode(bytes), key);
    } catch (error) {
      return giveUp(key, error);
    }
  }

  function keptOne(value: unknown, key: string): unknown {
    return value instanceof Promise ? value.catch((error) => giveUp(key, error)) : value;
  }

  function giveUp(key: string, error: unknown): unknown {
    unreadable.add(key);
    return guard.recover({ operation, key }, absent, error);
  }
}

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
