import type { Factory } from "../../contracts/cache.ts";
import type { BulkRules } from "../../contracts/store.ts";
import { unlessAborted } from "../../kit/abort.ts";
import type { Flight, SingleFlight } from "../../kit/single-flight.ts";
import { isOver } from "../values/lifetimes.ts";
import { absent } from "../values/values.ts";
import type { Outcome } from "./in-flight-loads.ts";
import {
  conditionOf,
  type FactoryDirectives,
  type FillMode,
  factoryContext,
  fillAfter,
  type LoadLifetimes,
  type LoadParts,
  lifetimeOf,
  valueFor,
} from "./loads.ts";

/** One caller's call: its key, and what it wants of a load. */
export interface Load {
  /** The method the user called. */
  readonly operation: string;
  /** The key the user gave. */
  readonly key: string;
  readonly storedKey: string;
  readonly lifetimes: LoadLifetimes;
  readonly signal: AbortSignal | undefined;
}

/** Reads, and on a miss makes, stores and returns. One read and one load per key at a time. */
export class GetOrSet {
  readonly #parts: LoadParts;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  /** Returns the stored value or the factory's. Joins the flight of this key when there is one. */
  async get(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { inFlight, values, instrument } = this.#parts;
    load.signal?.throwIfAborted();
    const near = values.kept(load.storedKey);
    if (near !== absent) {
      instrument.read(load.key, true);
      return near;
    }
    return this.#join(inFlight.single, load, (flight) => this.#load(load, factory, flight));
  }

  /** Runs the factory and stores what it gives, whatever is stored or under way. */
  async refresh(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { refreshing } = this.#parts.inFlight;
    refreshing.forget(load.storedKey);
    return this.#join(refreshing, load, (flight) => this.#make(load, factory, flight, "over all"));
  }

  async #join(
    inFlight: SingleFlight<Outcome>,
    load: Load,
    begin: (flight: Flight) => Promise<Outcome>,
  ): Promise<unknown> {
    load.signal?.throwIfAborted();
    let isOwn = false;
    const flight = inFlight.run(load.storedKey, (own) => {
      isOwn = true;
      return begin(own);
    });
    return valueFor(this.#parts.values, await unlessAborted(flight, load.signal), isOwn);
  }

  async #load(load: Load, factory: Factory<unknown>, flight: Flight): Promise<Outcome> {
    const { guard, instrument } = this.#parts;
    let failure: unknown;
    const found = await guard.run(load, undefined, async () => {
      try {
        return await this.#read(load.storedKey);
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    instrument.read(load.key, found !== undefined);
    return found ?? this.#make(load, factory, flight, fillAfter(failure));
  }

  async #read(storedKey: string): Promise<Outcome | undefined> {
    const { values } = this.#parts;
    const bytes = await values.readBytes(storedKey);
    const value = await values.decode(bytes);
    return value === absent ? undefined : { value, bytes };
  }

  async #make(
    load: Load,
    factory: Factory<unknown>,
    flight: Flight,
    fillMode: FillMode,
  ): Promise<Outcome> {
    const { instrument, lifecycle } = this.#parts;
    const directives: FactoryDirectives = { lifetimes: load.lifetimes, skipped: false };
    instrument.loaded();
    const value = await factory(factoryContext(load.key, lifecycle.signal, directives));
    const lifetime = lifetimeOf(value, directives.lifetimes);
    const isFilling = fillMode !== "nowhere" && !directives.skipped && !lifecycle.isClosed();
    if (!isFilling) return { value };
    if (lifetime === undefined || isOver(lifetime)) {
      if (fillMode === "over all" && flight.isCurrent()) await this.#clear(load);
      return { value };
    }
    return this.#fill(load, value, flight, { lifetime, condition: conditionOf(fillMode) });
  }

  /** What is not to be stored must not leave behind what it was to be written over. */
  async #clear(load: Load): Promise<void> {
    const { values, guard, instrument } = this.#parts;
    const deleted = await guard.run(load, 0, () => values.delete([load.storedKey]));
    if (deleted > 0) instrument.deleted(load.key);
  }

  async #fill(
    load: Load,
    value: unknown,
    { isCurrent }: Flight,
    rules: BulkRules,
  ): Promise<Outcome> {
    const { values, guard, instrument } = this.#parts;
    const entry = new Map([[load.storedKey, value]]);
    const filled = await guard.run(load, undefined, () =>
      values.writeLoaded(entry, rules, isCurrent),
    );
    const { bytes, isWritten } = filled?.get(load.storedKey) ?? {};
    if (isWritten) instrument.wrote(load.key);
    return { value, bytes };
  }
}
