import type { Factory } from "../../contracts/cache.ts";
import type { BulkRules } from "../../contracts/store.ts";
import { unlessAborted } from "../../kit/abort.ts";
import type { Flight, SingleFlight } from "../../kit/single-flight.ts";
import { isOver } from "../values/lifetimes.ts";
import { absent } from "../values/values.ts";
import type { Outcome } from "./flights.ts";
import {
  conditionOf,
  factoryContext,
  fillAfter,
  type LoadLifetimes,
  type LoadParts,
  lifetimeOf,
  type MayFill,
  valueFor,
  type Wishes,
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
export class ReadThrough {
  readonly #parts: LoadParts;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  /** Returns the stored value or the factory's. Joins the flight of this key when there is one. */
  async get(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { flights, values, instrument } = this.#parts;
    load.signal?.throwIfAborted();
    const near = values.kept(load.storedKey);
    if (near !== absent) {
      instrument.read(load.key, true);
      return near;
    }
    return this.#join(flights.single, load, (flight) => this.#fly(load, factory, flight));
  }

  /** Runs the factory and stores what it gives, whatever is stored or under way. */
  async refresh(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { refreshing } = this.#parts.flights;
    refreshing.forget(load.storedKey);
    return this.#join(refreshing, load, (flight) => this.#make(load, factory, flight, "over all"));
  }

  async #join(
    flights: SingleFlight<Outcome>,
    load: Load,
    begin: (flight: Flight) => Promise<Outcome>,
  ): Promise<unknown> {
    load.signal?.throwIfAborted();
    let isOwn = false;
    const flight = flights.run(load.storedKey, (own) => {
      isOwn = true;
      return begin(own);
    });
    return valueFor(this.#parts.values, await unlessAborted(flight, load.signal), isOwn);
  }

  async #fly(load: Load, factory: Factory<unknown>, flight: Flight): Promise<Outcome> {
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
    mayFill: MayFill,
  ): Promise<Outcome> {
    const { instrument, lifecycle } = this.#parts;
    const wishes: Wishes = { lifetimes: load.lifetimes, skipped: false };
    instrument.loaded();
    const value = await factory(factoryContext(load.key, lifecycle.signal, wishes));
    const lifetime = lifetimeOf(value, wishes.lifetimes);
    const isFilling = mayFill !== "nowhere" && !wishes.skipped && !lifecycle.isClosed();
    if (!isFilling) return { value };
    if (lifetime === undefined || isOver(lifetime)) {
      if (mayFill === "over all" && flight.isCurrent()) await this.#clear(load);
      return { value };
    }
    return this.#fill(load, value, flight, { lifetime, condition: conditionOf(mayFill) });
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
