import type { BulkLoader } from "../../contracts/cache.ts";
import type { BulkRules, Lifetime } from "../../contracts/store.ts";
import { readMany, toEntryMap } from "../values/read-many.ts";
import { absent } from "../values/values.ts";
import type { Outcome } from "./in-flight-loads.ts";
import {
  conditionOf,
  type FillMode,
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
type Outcomes = ReadonlyMap<string, Outcome>;

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
    const { bulk } = this.#parts.inFlight;
    const own = new Map([...keys].filter(([, storedKey]) => !bulk.join(storedKey)));
    if (own.size > 0) this.#begin(own, load);
    const inFlight = Array.from(keys, async ([key, storedKey]) => {
      const outcome = (await bulk.join(storedKey)) ?? leftOut;
      return [key, await valueFor(this.#parts.values, outcome, own.has(key))] as const;
    });
    const entries = await Promise.all(inFlight);
    return new Map(entries.filter(([, value]) => value !== absent));
  }

  /** Begins one read and load of `own`, as a flight per key that others can join. */
  #begin(own: ReadonlyMap<string, string>, load: BulkLoad): void {
    const checks = new Map<string, () => boolean>();
    const isCurrent = (storedKey: string): boolean => checks.get(storedKey)?.() ?? false;
    const batch = this.#load(own, load, isCurrent);
    for (const [key, storedKey] of own) {
      void this.#parts.inFlight.bulk.run(storedKey, async (flight) => {
        checks.set(storedKey, flight.isCurrent);
        return (await batch).get(key) ?? leftOut;
      });
    }
  }

  async #load(
    keys: ReadonlyMap<string, string>,
    load: BulkLoad,
    isCurrent: (storedKey: string) => boolean,
  ): Promise<Outcomes> {
    const found = new Map<string, Outcome>();
    const asked = { operation, keys: [...keys.keys()], storedKeys: [...keys.values()] };
    const { unreadable, failed } = await readMany(this.#parts, asked, (key, value, bytes) =>
      found.set(key, { value, bytes }),
    );
    const missing = [...keys].filter(([key]) => !found.has(key));
    if (missing.length === 0) return found;
    const fillMode = (key: string): FillMode => (unreadable.has(key) ? "over all" : "where absent");
    const writes = await this.#make(missing, load);
    const filled = failed ? new Map() : await this.#fill(writes, fillMode, isCurrent);
    return new Map([...found, ...outcomesOf(writes), ...filled]);
  }

  /** Runs the loader. Keys that it was not asked for are left out. */
  async #make(
    missing: readonly (readonly [string, string])[],
    { loader, lifetimes }: BulkLoad,
  ): Promise<readonly LoadedEntry[]> {
    const { instrument, lifecycle } = this.#parts;
    instrument.loaded();
    const keys = missing.map(([key]) => key);
    const loaded = toEntryMap(await loader(keys, { signal: lifecycle.signal }));
    return missing
      .filter(([key]) => loaded.has(key))
      .map(([key, storedKey]) => {
        const value = loaded.get(key);
        return { key, storedKey, value, lifetime: lifetimeOf(value, lifetimes) };
      });
  }

  async #fill(
    loaded: readonly LoadedEntry[],
    fillMode: (key: string) => FillMode,
    isCurrent: (storedKey: string) => boolean,
  ): Promise<Outcomes> {
    const { values, guard, instrument, lifecycle } = this.#parts;
    const outcomes = new Map<string, Outcome>();
    if (lifecycle.isClosed()) return outcomes;
    await guard.run({ operation }, undefined, async () => {
      for (const { rules, members } of groupByRules(loaded, fillMode)) {
        const entries = new Map(members.map(({ storedKey, value }) => [storedKey, value]));
        const filled = await values.writeLoaded(entries, rules, isCurrent);
        for (const { key, storedKey, value } of members) {
          const { bytes, isWritten } = filled.get(storedKey) ?? {};
          outcomes.set(key, { value, bytes });
          if (isWritten) instrument.wrote(key);
        }
      }
    });
    return outcomes;
  }
}

/** A value that the loader gave. */
interface LoadedEntry {
  /** The key the user gave. */
  readonly key: string;
  readonly storedKey: string;
  readonly value: unknown;
  /** How long it is to be stored; `undefined`: not at all. */
  readonly lifetime: Lifetime | undefined;
}

interface FillGroup {
  readonly rules: BulkRules;
  readonly members: LoadedEntry[];
}

function outcomesOf(loaded: readonly LoadedEntry[]): [string, Outcome][] {
  return loaded.map(({ key, value }) => [key, { value }]);
}

/** Lifetimes are shared objects here, so at most four groups come out: two lifetimes, two conditions. */
function groupByRules(
  loaded: readonly LoadedEntry[],
  fillMode: (key: string) => FillMode,
): readonly FillGroup[] {
  const groups: FillGroup[] = [];
  for (const one of loaded) {
    const { lifetime } = one;
    if (lifetime === undefined) continue;
    const condition = conditionOf(fillMode(one.key));
    const fits = ({ rules }: FillGroup): boolean =>
      rules.lifetime === lifetime && rules.condition === condition;
    const group = groups.find(fits) ?? { rules: { lifetime, condition }, members: [] };
    if (group.members.push(one) === 1) groups.push(group);
  }
  return groups;
}
