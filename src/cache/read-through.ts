import type { Factory, FactoryContext, GetOrSetOptions } from "../contracts/cache.ts";
import { ConfigurationError, DecodeError } from "../contracts/errors.ts";
import type { BulkRules, Lifetime } from "../contracts/store.ts";
import { unlessAborted } from "../kit/abort.ts";
import type { Flight, SingleFlight } from "../kit/single-flight.ts";
import type { Guard } from "./guard.ts";
import type { Instrument } from "./instrument.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { resolveLifetime } from "./lifetimes.ts";
import { absent, type Values } from "./values.ts";

/** What a load needs to know of its key and its caller's wishes. */
export interface Load {
  /** The method the user called. */
  readonly operation: string;
  /** The key the user gave. */
  readonly key: string;
  readonly storedKey: string;
  readonly lifetimes: LoadLifetimes;
  readonly signal: AbortSignal | undefined;
}

/** How long a loaded value lives; `negative`: how long `null` and `undefined` do. */
export interface LoadLifetimes {
  readonly usual: Lifetime;
  readonly negative: Lifetime | undefined;
}

/** Returns the lifetimes that the options of a load name. */
export function resolveLoadLifetimes(options: GetOrSetOptions, usual: Lifetime): LoadLifetimes {
  const { ttl, negativeTtl, lock } = options;
  if (lock !== undefined && lock !== "process") {
    throw new ConfigurationError("lock", 'lock can only be "process" in this version.');
  }
  return {
    usual: resolveLifetime(ttl, usual),
    negative:
      negativeTtl === undefined ? undefined : resolveLifetime(negativeTtl, usual, "negativeTtl"),
  };
}

/** Returns the factory that a caller gave, or one of the value it gave instead. */
export function toFactory<T>(valueOrFactory: T | Factory<T>): Factory<T> {
  const isFactory = typeof valueOrFactory === "function";
  return isFactory ? (valueOrFactory as Factory<T>) : () => valueOrFactory;
}

/** Returns how long `value` is to be stored, or `undefined` when it is not to be. */
export function lifetimeOf(
  value: unknown,
  { usual, negative }: LoadLifetimes,
): Lifetime | undefined {
  if (value === undefined) return negative;
  return value === null ? (negative ?? usual) : usual;
}

/** The parts that reading through is made of. */
export interface ReadThroughParts {
  readonly values: Values;
  readonly guard: Guard;
  readonly instrument: Instrument;
  readonly lifecycle: Lifecycle;
  readonly flights: SingleFlight<unknown>;
}

/** Reads, and on a miss makes, stores and returns. One read and one load per key at a time. */
export class ReadThrough {
  readonly #parts: ReadThroughParts;

  constructor(parts: ReadThroughParts) {
    this.#parts = parts;
  }

  /** Returns the stored value or the factory's. Joins the flight of this key when there is one. */
  get(load: Load, factory: Factory<unknown>): Promise<unknown> {
    load.signal?.throwIfAborted();
    const flight = this.#parts.flights.run(load.storedKey, (own) => this.#fly(load, factory, own));
    return unlessAborted(flight, load.signal);
  }

  /** Runs the factory and stores what it gives, whatever is stored or under way. */
  refresh(load: Load, factory: Factory<unknown>): Promise<unknown> {
    load.signal?.throwIfAborted();
    this.#parts.flights.forget(load.storedKey);
    const rules: FillRules = { isCurrent: () => true, mayFill: "over all" };
    return unlessAborted(this.#load(load, factory, rules), load.signal);
  }

  async #fly(load: Load, factory: Factory<unknown>, { isCurrent }: Flight): Promise<unknown> {
    const { values, guard, instrument } = this.#parts;
    let failure: unknown;
    const value = await guard.run(load, absent, async () => {
      try {
        return await values.read(load.storedKey);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    instrument.read(load.key, value !== absent);
    return value === absent
      ? this.#load(load, factory, { isCurrent, mayFill: permissionAfter(failure) })
      : value;
  }

  async #load(load: Load, factory: Factory<unknown>, rules: FillRules): Promise<unknown> {
    const { instrument, lifecycle } = this.#parts;
    const wishes: Wishes = { lifetimes: load.lifetimes, skipped: false };
    instrument.loaded();
    const value = await factory(contextOf(load.key, lifecycle.signal, wishes));
    const { mayFill } = rules;
    if (mayFill && !wishes.skipped && !lifecycle.isClosed()) {
      await this.#fill(load, value, wishes, rules);
    }
    return value;
  }

  async #fill(load: Load, value: unknown, wishes: Wishes, rules: FillRules): Promise<void> {
    const { values, guard, instrument } = this.#parts;
    const lifetime = lifetimeOf(value, wishes.lifetimes);
    if (lifetime === undefined) return;
    const condition = rules.mayFill === "where absent" ? "absent" : undefined;
    const bulk: BulkRules = { lifetime, condition };
    const entry = new Map([[load.storedKey, value]]);
    await guard.run(load, undefined, async () => {
      await values.writeLoaded(entry, bulk, rules.isCurrent);
      instrument.wrote(load.key);
    });
  }
}

/** What a factory asked for. */
interface Wishes {
  lifetimes: LoadLifetimes;
  skipped: boolean;
}

interface FillRules extends Flight {
  readonly mayFill: MayFill;
}

/** Whether a loaded value may be stored: only where nothing lives, over what does, or not at all. */
type MayFill = "where absent" | "over all" | false;

/**
 * Returns what the read before a load allows. What cannot be decoded would be in the way for
 * ever, so it is written over. A store that just failed is not asked again: two waits for
 * it would be one too many.
 */
function permissionAfter(readFailure: unknown): MayFill {
  if (readFailure === undefined) return "where absent";
  return readFailure instanceof DecodeError ? "over all" : false;
}

function contextOf(key: string, signal: AbortSignal, wishes: Wishes): FactoryContext {
  return {
    key,
    signal,
    setTtl(ttl) {
      const { usual } = wishes.lifetimes;
      wishes.lifetimes = {
        usual: resolveLifetime(ttl, usual),
        negative: resolveLifetime(ttl, usual),
      };
    },
    skip() {
      wishes.skipped = true;
    },
  };
}
