import type { Factory, FactoryContext, GetOrSetOptions } from "../../contracts/cache.ts";
import { ConfigurationError, DecodeError } from "../../contracts/errors.ts";
import type { BulkRules, Lifetime } from "../../contracts/store.ts";
import { requireSignal } from "../../kit/abort.ts";
import type { Guard } from "../calls/guard.ts";
import type { Instrument } from "../calls/instrument.ts";
import type { Lifecycle } from "../calls/lifecycle.ts";
import { resolveLifetime } from "../values/lifetimes.ts";
import type { Values } from "../values/values.ts";
import type { InFlightLoads, Outcome } from "./in-flight-loads.ts";

/** The parts that loading is made of. Guard and lifecycle are the cache's: views come and go. */
export interface LoadParts {
  readonly values: Values;
  readonly guard: Guard;
  readonly instrument: Instrument;
  readonly lifecycle: Lifecycle;
  readonly inFlight: InFlightLoads;
}

/**
 * Returns what a caller of a flight gets: its value where the caller began it, one of its own
 * where it joined, as long as there is a stored form that can be read.
 */
export async function valueFor(values: Values, outcome: Outcome, isOwn: boolean): Promise<unknown> {
  if (isOwn || outcome.bytes === undefined) return outcome.value;
  try {
    return await values.decode(outcome.bytes);
  } catch {
    return outcome.value; // it was made just now, and is no worse for being shared
  }
}

/** How long a loaded value lives; `negative`: how long `null` and `undefined` do. */
export interface LoadLifetimes {
  readonly usual: Lifetime;
  readonly negative: Lifetime | undefined;
}

/** Returns the lifetimes that the options of a load name. */
export function resolveLoadLifetimes(options: GetOrSetOptions, usual: Lifetime): LoadLifetimes {
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
export function conditionOf(fillMode: FillMode): BulkRules["condition"] {
  return fillMode === "where absent" ? "absent" : undefined;
}
