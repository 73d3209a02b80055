import { requireSignal } from "../../checks/require.ts";
import type { Factory, FactoryContext, GetOrSetOptions } from "../../contracts/cache.ts";
import { ConfigurationError, DecodeError } from "../../contracts/errors.ts";
import type { EntryRules, Lifetime } from "../../contracts/store.ts";
import type { Calls } from "../calls/calls.ts";
import { resolveLifetime } from "../values/lifetimes.ts";
import type { Values } from "../values/values.ts";
import type { InFlightLoads, Outcome } from "./in-flight-loads.ts";

/** The parts that loading is made of. */
export interface LoadParts {
  readonly values: Values;
  /** Those of the cache: a load that a view began goes on when the view is closed. */
  readonly calls: Calls;
  readonly inFlight: InFlightLoads;
}

/** Returns what who joined a load gets: a value of its own, as long as there is a stored form that can be read. */
export async function valueFor(values: Values, { value, stored }: Outcome): Promise<unknown> {
  if (stored === undefined) return value;
  try {
    return await values.decode(stored);
  } catch {
    return value; // it was loaded just now, and is no worse for being shared
  }
}

/** How long a loaded value lives; `negative`: how long `null` and `undefined` do. */
export interface LoadLifetimes {
  readonly usual: Lifetime;
  readonly negative: Lifetime | undefined;
}

/** Returns the lifetimes that the options of a load name. */
export function resolveLoadLifetimes(
  options: GetOrSetOptions | undefined,
  usual: Lifetime,
): LoadLifetimes {
  if (options === undefined) return { usual, negative: undefined };
  const { ttl, negativeTtl, lock, signal } = options;
  requireSignal(signal);
  if (lock !== undefined && lock !== "process") {
    throw new ConfigurationError("lock", 'lock can only be "process" in this version.');
  }
  return {
    usual: resolveLifetime(ttl, usual),
    negative:
      negativeTtl === undefined ? undefined : resolveLifetime(negativeTtl, usual, "negativeTtl"),
  };
}

/** Returns how long `value` is to be stored, or `undefined` when it is not to be. */
export function lifetimeOf(
  value: unknown,
  { usual, negative }: LoadLifetimes,
): Lifetime | undefined {
  if (value === undefined) return negative;
  return value === null ? (negative ?? usual) : usual;
}

/** Returns the factory that a caller gave, or one of the value it gave instead. */
export function toFactory<T>(valueOrFactory: T | Factory<T>): Factory<T> {
  const isFactory = typeof valueOrFactory === "function";
  return isFactory ? (valueOrFactory as Factory<T>) : () => valueOrFactory;
}

/** What a factory asked for while it ran. */
export interface FactoryDirectives {
  lifetimes: LoadLifetimes;
  skipped: boolean;
}

/** Returns what a factory is given; what it asks for goes into `directives`. */
export function factoryContext(
  key: string,
  signal: AbortSignal,
  directives: FactoryDirectives,
): FactoryContext {
  return {
    key,
    signal,
    setTtl(ttl) {
      const { usual, negative } = directives.lifetimes;
      const wished = resolveLifetime(ttl, usual);
      directives.lifetimes = { usual: wished, negative: negative && wished };
    },
    skip() {
      directives.skipped = true;
    },
  };
}

/** Where a loaded value may be stored: where nothing lives, over what does, or nowhere. */
export type FillMode = "where absent" | "over all" | "nowhere";

/**
 * Returns what the read before a load allows. What cannot be decoded would be in the way for
 * ever, so it is written over. A store that just failed is not asked again: two waits for it would
 * be one too many.
 */
export function fillAfter(readFailure: unknown): FillMode {
  if (readFailure === undefined) return "where absent";
  return readFailure instanceof DecodeError ? "over all" : "nowhere";
}

/** Returns the condition of the write that a permission to fill allows. */
export function conditionOf(fillMode: FillMode): EntryRules["condition"] {
  return fillMode === "where absent" ? "absent" : undefined;
}
