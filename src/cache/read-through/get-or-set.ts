import type { Factory } from "../../contracts/cache.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { EntryRules } from "../../contracts/store.ts";
import { unlessAborted } from "../../kit/abort.ts";
import type { Flight, SingleFlight } from "../../kit/single-flight.ts";
import type { Calls } from "../calls/calls.ts";
import { isOver } from "../values/lifetimes.ts";
import type { Reader } from "../values/reader.ts";
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

/** Reads, and on a miss loads, stores and returns. One read and one load per key at a time. */
export class GetOrSet {
  readonly #parts: LoadParts;

  constructor(parts: LoadParts) {
    this.#parts = parts;
  }

  /** Returns the stored value or the factory's. Joins the load of this key where there is one. */
  get(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { inFlight, calls } = this.#parts;
    const join = (): Promise<unknown> =>
      this.#join(inFlight.single, load, (flight) => this.#readOrLoad(load, factory, flight));
    return calls.observe(load, join);
  }

  /** Runs the factory and stores what it gives, whatever is stored or under way. */
  refresh(load: Load, factory: Factory<unknown>): Promise<unknown> {
    const { inFlight, calls } = this.#parts;
    const { refreshing } = inFlight;
    refreshing.forget(load.storedKey);
    const join = (): Promise<unknown> =>
      this.#join(refreshing, load, (flight) => this.#load(load, factory, flight, "over all"));
    return calls.observe(load, join);
  }

  async #join(
    loads: SingleFlight<Outcome>,
    load: Load,
    begin: (flight: Flight) => Promise<Outcome>,
  ): Promise<unknown> {
    load.signal?.throwIfAborted();
    let isOwn = false;
    const outcome = loads.run(load.storedKey, (own) => {
      isOwn = true;
      return begin(own);
    });
    const settled = await (load.signal ? unlessAborted(outcome, load.signal) : outcome);
    return isOwn ? settled.value : valueFor(this.#parts.values, settled);
  }

  async #readOrLoad(load: Load, factory: Factory<unknown>, flight: Flight): Promise<Outcome> {
    const { calls, values } = this.#parts;
    calls.begin();
    const reader: Reader<Outcome | FillMode> = new LoadRead(calls, load);
    const found = await values.read(load.storedKey, reader);
    return typeof found === "string" ? this.#load(load, factory, flight, found) : found;
  }

  async #load(
    load: Load,
    factory: Factory<unknown>,
    flight: Flight,
    fillMode: FillMode,
  ): Promise<Outcome> {
    const { calls } = this.#parts;
    const directives: FactoryDirectives = { lifetimes: load.lifetimes, skipped: false };
    calls.loaded();
    const value = await factory(factoryContext(load.key, calls.signal, directives));
    const lifetime = lifetimeOf(value, directives.lifetimes);
    const isFilling = fillMode !== "nowhere" && !directives.skipped && !calls.isClosed;
    if (!isFilling) return { value };
    if (lifetime === undefined || isOver(lifetime)) {
      if (fillMode === "over all" && flight.isCurrent()) await this.#clear(load);
      return { value };
    }
    return this.#fill(load, value, flight, { lifetime, condition: conditionOf(fillMode) });
  }

  /** What is not to be stored must not leave behind what it was to be written over. */
  async #clear(load: Load): Promise<void> {
    const { values, calls } = this.#parts;
    const existed = await calls.attempt(load, false, () => values.delete(load.storedKey));
    if (existed) calls.deleted(load.key);
  }

  async #fill(
    load: Load,
    value: unknown,
    { isCurrent }: Flight,
    rules: EntryRules,
  ): Promise<Outcome> {
    const { values, calls } = this.#parts;
    const { storedKey } = load;
    const filled = await calls.attempt(load, undefined, () =>
      values.writeLoaded([{ storedKey, value, rules }], isCurrent),
    );
    const { stored, written } = filled?.[0] ?? {};
    if (written === true) calls.wrote(load.key);
    return { value, stored };
  }
}

/** The read before a load under way: what it finds, or where what is loaded may be stored. */
class LoadRead implements Reader<Outcome | FillMode> {
  readonly #calls: Calls;
  readonly #load: Load;

  constructor(calls: Calls, load: Load) {
    this.#calls = calls;
    this.#load = load;
  }

  found(value: unknown, stored: Encoded | undefined): Outcome {
    this.#calls.end();
    this.#calls.hit(this.#load.key);
    return { value, stored };
  }

  missed(): FillMode {
    this.#calls.end();
    this.#calls.missed(this.#load.key);
    return "where absent";
  }

  failed(error: unknown): FillMode {
    this.#calls.end();
    this.#calls.recover(this.#load, undefined, error);
    this.#calls.missed(this.#load.key);
    return fillAfter(error);
  }
}
