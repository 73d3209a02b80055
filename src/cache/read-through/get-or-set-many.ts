import type { BulkLoader } from "../../contracts/cache.ts";
import type { EntryRules, Lifetime } from "../../contracts/store.ts";
import { PartialFailure } from "../calls/partial-failure.ts";
import { ReadMany } from "../calls/read-many.ts";
import { toEntryMap } from "../options/collections.ts";
import { isOver } from "../values/lifetimes.ts";
import { absent } from "../values/values.ts";
import type { Outcome } from "./in-flight-loads.ts";
import {
  conditionOf,
  type FillMode,
  fillAfter,
  type LoadLifetimes,
  type LoadParts,
  lifetimeOf,
  valueFor,
} from "./loads.ts";

const operation = "getOrSetMany";

/** What a call wants of the load of its missing keys. */
export interface BulkLoad {
  readonly loader: BulkLoader<unknown>;
  readonly lifetimes: LoadLifetimes;
}

/** What a call came to: an outcome for every key that has a value. */
type Outcomes = Map<string, Outcome>;

/** A key of which nothing was read. */
interface MissingKey {
  /** The key the user gave. */
  readonly key: string;
  readonly storedKey: string;
  readonly fillMode: FillMode;
}

/** A value that the loader gave. */
interface LoadedEntry {
  readonly missing: MissingKey;
  readonly value: unknown;
  /** How long it is to be stored; `undefined`: not at all. */
  readonly lifetime: Lifetime | undefined;
}

/** A loaded value that is to be stored. */
interface Filling {
  readonly key: string;
  readonly storedKey: string;
  readonly value: unknown;
  readonly rules: EntryRules;
}

const leftOut: Outcome = { value: absent };

/** Reads many keys at once, and loads those that miss together. Each key by one call at a time. */
export class GetOrSetMany {
  readonly #parts: LoadParts;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  /**
   * Returns what is stored, and what is loaded where nothing is, in the order of `keys`: the
   * user's, each with its stored key.
   */
  async get(keys: ReadonlyMap<string, string>, load: BulkLoad): Promise<Map<string, unknown>> {
    const { inFlight, values } = this.#parts;
    const own = new Map([...keys].filter(([, storedKey]) => !inFlight.bulk.join(storedKey)));
    if (own.size > 0) this.#begin(own, load);
    const loads = Array.from(keys, async ([key, storedKey]) => {
      const outcome = (await inFlight.bulk.join(storedKey)) ?? leftOut;
      return [key, own.has(key) ? outcome.value : await valueFor(values, outcome)] as const;
    });
    const entries = await Promise.all(loads);
    return new Map(entries.filter(([, value]) => value !== absent));
  }

  /** Begins one read and load of `own`; callers of one of its keys can join that. */
  #begin(own: ReadonlyMap<string, string>, load: BulkLoad): void {
    const checks = new Map<string, () => boolean>();
    const isCurrent = (storedKey: string): boolean => checks.get(storedKey)?.() ?? false;
    const batch = this.#readOrLoad(own, load, isCurrent);
    for (const [key, storedKey] of own) {
      void this.#parts.inFlight.bulk.run(storedKey, async (flight) => {
        checks.set(storedKey, flight.isCurrent);
        return (await batch).get(key) ?? leftOut;
      });
    }
  }

  async #readOrLoad(
    keys: ReadonlyMap<string, string>,
    load: BulkLoad,
    isCurrent: (storedKey: string) => boolean,
  ): Promise<Outcomes> {
    const outcomes: Outcomes = new Map();
    const missing = await this.#read(keys, outcomes);
    if (missing.length === 0) return outcomes;
    const loaded = await this.#load(missing, load);
    for (const {
      missing: { key },
      value,
    } of loaded)
      outcomes.set(key, { value });
    await this.#fill(loaded, outcomes, isCurrent);
    return outcomes;
  }

  /** Reads into `outcomes`. Returns the keys that are to be loaded. */
  async #read(keys: ReadonlyMap<string, string>, outcomes: Outcomes): Promise<MissingKey[]> {
    const { calls, values } = this.#parts;
    const asked = { operation, keys: [...keys.keys()], storedKeys: [...keys.values()] };
    const read = new ReadMany(calls, asked, { needsStored: true });
    await read.run(values);
    const missing: MissingKey[] = [];
    for (const [at, key] of asked.keys.entries()) {
      const value = read.values[at];
      if (value !== absent) outcomes.set(key, { value, stored: read.stored?.[at] });
      else {
        const fillMode = fillAfter(read.failures?.get(at));
        missing.push({ key, storedKey: asked.storedKeys[at] ?? key, fillMode });
      }
    }
    return missing;
  }

  /** Runs the loader. Keys that it was not asked for are left out. */
  async #load(
    missing: readonly MissingKey[],
    { loader, lifetimes }: BulkLoad,
  ): Promise<readonly LoadedEntry[]> {
    const { calls } = this.#parts;
    calls.loaded();
    const keys = missing.map(({ key }) => key);
    const loaded = toEntryMap(await loader(keys, { signal: calls.signal }));
    return missing
      .filter(({ key }) => loaded.has(key))
      .map((one) => {
        const value = loaded.get(one.key);
        return { missing: one, value, lifetime: lifetimeOf(value, lifetimes) };
      });
  }

  /** Stores what may be stored, and adds the stored forms to `outcomes`. */
  async #fill(
    loaded: readonly LoadedEntry[],
    outcomes: Outcomes,
    isCurrent: (storedKey: string) => boolean,
  ): Promise<void> {
    const { values, calls } = this.#parts;
    const entries = loaded.flatMap(toFilling);
    if (entries.length === 0 || calls.isClosed) return;
    const filled = await calls.attempt({ operation }, undefined, () =>
      values.writeLoaded(entries, isCurrent),
    );
    const failure = new PartialFailure();
    for (const [at, { stored, written }] of (filled ?? []).entries()) {
      const { key = "", value } = entries[at] ?? {};
      outcomes.set(key, { value, stored });
      if (written === true) calls.wrote(key);
      if (written instanceof Error) failure.add(key, written);
    }
    failure.settle(calls, { operation });
  }
}

/** Returns a loaded value with the rules it is stored by; nothing where it is not to be stored. */
function toFilling({ missing, value, lifetime }: LoadedEntry): readonly Filling[] {
  const { key, storedKey, fillMode } = missing;
  if (lifetime === undefined || isOver(lifetime) || fillMode === "nowhere") return [];
  return [{ key, storedKey, value, rules: { lifetime, condition: conditionOf(fillMode) } }];
}
