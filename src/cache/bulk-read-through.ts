import type { BulkLoader } from "../contracts/cache.ts";
import type { BulkRules, Lifetime } from "../contracts/store.ts";
import { readMany } from "./bulk.ts";
import { type LoadLifetimes, lifetimeOf, type ReadThroughParts } from "./read-through.ts";
import { absent } from "./values.ts";

const operation = "getOrSetMany";

/** A key to load. */
interface MissingKey {
  /** The key the user gave. */
  readonly key: string;
  readonly storedKey: string;
  /** Something lives there that cannot be read: it is written over. */
  readonly unreadable: boolean;
}

/** Loads missing keys together, each one at a time, and stores what came. */
export class BulkReadThrough {
  readonly #parts: ReadThroughParts;

  constructor(parts: ReadThroughParts) {
    this.#parts = parts;
  }

  /** Returns what is stored, and what is loaded where nothing is, in the order of `keys`. */
  async get(
    keys: ReadonlyMap<string, string>,
    loader: BulkLoader<unknown>,
    lifetimes: LoadLifetimes,
  ): Promise<Map<string, unknown>> {
    const { found, unreadable, failed } = await readMany(this.#parts, operation, keys);
    const missing = Array.from(keys, ([key, storedKey]) => {
      return { key, storedKey, unreadable: unreadable.has(key) };
    }).filter(({ key }) => !found.has(key));
    const loaded = await this.#load(missing, loader, { lifetimes, mayFill: !failed });
    for (const [index, { key }] of missing.entries()) found.set(key, loaded[index]);
    return new Map(
      Array.from(keys.keys(), (key) => [key, found.get(key)] as const).filter(
        ([, value]) => value !== absent,
      ),
    );
  }

  /** Returns what was loaded for each key, in order: `absent` where the loader left it out. */
  async #load(
    missing: readonly MissingKey[],
    loader: BulkLoader<unknown>,
    wishes: BulkWishes,
  ): Promise<readonly unknown[]> {
    const { flights } = this.#parts;
    const own = missing.filter(({ storedKey }) => !flights.join(storedKey));
    if (own.length > 0) this.#take(own, loader, wishes);
    return Promise.all(missing.map(async ({ storedKey }) => flights.join(storedKey)));
  }

  /** Starts one load of `own`, in a flight per key that others can join. */
  #take(own: readonly MissingKey[], loader: BulkLoader<unknown>, wishes: BulkWishes): void {
    const current = new Map<string, () => boolean>();
    const isCurrent = (storedKey: string): boolean => current.get(storedKey)?.() ?? false;
    const batch = this.#run(own, loader, { ...wishes, isCurrent });
    for (const { key, storedKey } of own) {
      void this.#parts.flights.run(storedKey, async (flight) => {
        current.set(storedKey, flight.isCurrent);
        const loaded = await batch;
        return loaded.has(key) ? loaded.get(key) : absent;
      });
    }
  }

  async #run(
    own: readonly MissingKey[],
    loader: BulkLoader<unknown>,
    rules: BulkFillRules,
  ): Promise<ReadonlyMap<string, unknown>> {
    const { instrument, lifecycle } = this.#parts;
    instrument.loaded();
    const keys = own.map(({ key }) => key);
    const loaded = new Map(await loader(keys, { signal: lifecycle.signal }));
    if (rules.mayFill && !lifecycle.isClosed()) await this.#fill(own, loaded, rules);
    return loaded;
  }

  async #fill(
    own: readonly MissingKey[],
    loaded: ReadonlyMap<string, unknown>,
    { lifetimes, isCurrent }: BulkFillRules,
  ): Promise<void> {
    const { values, guard, instrument } = this.#parts;
    const writes = own.flatMap((missing) => toWrite(missing, loaded, lifetimes));
    await guard.run({ operation }, undefined, async () => {
      for (const { rules, entries } of groupByRules(writes)) {
        await values.writeLoaded(entries, rules, isCurrent);
      }
      for (const { key } of writes) instrument.wrote(key);
    });
  }
}

interface BulkWishes {
  readonly lifetimes: LoadLifetimes;
  /** False where the store has just failed: it is not asked again. */
  readonly mayFill: boolean;
}

interface BulkFillRules extends BulkWishes {
  readonly isCurrent: (storedKey: string) => boolean;
}

interface Write extends MissingKey {
  readonly value: unknown;
  readonly lifetime: Lifetime;
}

/** Returns the write of a loaded key, or none where there is nothing to store. */
function toWrite(
  missing: MissingKey,
  loaded: ReadonlyMap<string, unknown>,
  lifetimes: LoadLifetimes,
): Write[] {
  if (!loaded.has(missing.key)) return [];
  const value = loaded.get(missing.key);
  const lifetime = lifetimeOf(value, lifetimes);
  return lifetime === undefined ? [] : [{ ...missing, value, lifetime }];
}

interface WriteGroup {
  readonly rules: BulkRules;
  readonly entries: Map<string, unknown>;
}

/** Lifetimes are shared objects here, so at most four groups come out: two lifetimes, two conditions. */
function groupByRules(writes: readonly Write[]): readonly WriteGroup[] {
  const groups: WriteGroup[] = [];
  for (const { storedKey, value, lifetime, unreadable } of writes) {
    const condition = unreadable ? undefined : "absent";
    let group = groups.find(
      ({ rules }) => rules.lifetime === lifetime && rules.condition === condition,
    );
    if (!group) groups.push((group = { rules: { lifetime, condition }, entries: new Map() }));
    group.entries.set(storedKey, value);
  }
  return groups;
}
