import type { Encoded } from "../../contracts/serializer.ts";
import { SingleFlight } from "../../kit/single-flight.ts";

/**
 * What a flight came to: a value for the caller that began it, and its stored form for those who
 * joined, who each get a value of their own out of it. Without a stored form they share the value.
 */
export interface Outcome {
  readonly value: unknown;
  readonly bytes?: Encoded | undefined;
}

/** Loads under way in this process, by stored key. */
export class InFlightLoads {
  /** Reads, and the loads of those that miss. */
  readonly single: SingleFlight<Outcome> = new SingleFlight();

  /** The same for several keys at once; apart, since only these may leave a key out. */
  readonly bulk: SingleFlight<Outcome> = new SingleFlight();

  /** Loads that nobody joins: readers have the stored value meanwhile. */
  readonly refreshing: SingleFlight<Outcome> = new SingleFlight();

  /** A write overtakes the loads of its keys: what they bring is older, and is not stored. */
  supersede(storedKeys: Iterable<string>): void {
    if (this.single.isIdle && this.bulk.isIdle && this.refreshing.isIdle) return;
    for (const storedKey of storedKeys) this.supersedeOne(storedKey);
  }

  /** {@link InFlightLoads.supersede} of one key. */
  supersedeOne(storedKey: string): void {
    this.single.forget(storedKey);
    this.bulk.forget(storedKey);
    this.refreshing.forget(storedKey);
  }

  /** {@link InFlightLoads.supersede} of every key. */
  supersedeAll(): void {
    this.single.forgetAll();
    this.bulk.forgetAll();
    this.refreshing.forgetAll();
  }
}
