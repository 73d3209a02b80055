import type { Entries } from "../contracts/cache.ts";
import type { Encoded } from "../contracts/serializer.ts";
import { isPlainObject } from "../kit/plain-object.ts";
import type { Outcome } from "./flights.ts";
import type { Guard } from "./guard.ts";
import type { Instrument } from "./instrument.ts";
import { absent, type Values } from "./values.ts";

/** The parts that a read of many keys needs. */
export interface ReadManyParts {
  readonly values: Values;
  readonly guard: Guard;
  readonly instrument: Instrument;
}

/** What a read of many keys came to. */
export interface ManyRead {
  readonly found: ReadonlyMap<string, Outcome>;
  /** The keys whose stored bytes could not be decoded. */
  readonly unreadable: ReadonlySet<string>;
  /** Whether the store did not answer, and that was ignored. */
  readonly failed: boolean;
}

/** Reads many keys in one round trip. `keys`: the user's, each with its stored key. */
export async function readMany(
  parts: ReadManyParts,
  operation: string,
  keys: ReadonlyMap<string, string>,
): Promise<ManyRead> {
  const { values, guard, instrument } = parts;
  const found = new Map<string, Outcome>();
  const unreadable = new Set<string>();
  const near = values.keptOf(keys.values());
  const far = near.size === 0 ? [...keys.values()] : [...keys.values()].filter((k) => !near.has(k));
  const stored = await guard.run({ operation }, undefined, () => values.readMany(far));

  let index = 0;
  for (const [key, storedKey] of keys) {
    const kept = near.get(storedKey);
    if (kept) {
      const value = kept.value instanceof Promise ? await kept.value : kept.value;
      found.set(key, { value, bytes: kept.bytes });
      instrument.read(key, true);
      continue;
    }
    const bytes = stored?.[index++];
    const decoded = decodeOne(bytes, key);
    const value = decoded instanceof Promise ? await decoded : decoded; // mostly there at once
    if (value !== absent) found.set(key, { value, bytes });
    instrument.read(key, value !== absent);
  }
  return { found, unreadable, failed: stored === undefined };

  /** One value that cannot be read must not spoil the others. */
  function decodeOne(bytes: Encoded | undefined, key: string): unknown {
    const giveUp = (error: unknown): unknown => {
      unreadable.add(key);
      return guard.recover({ operation, key }, absent, error);
    };
    try {
      const value = values.decode(bytes);
      return value instanceof Promise ? value.catch(giveUp) : value;
    } catch (error) {
      return giveUp(error);
    }
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
