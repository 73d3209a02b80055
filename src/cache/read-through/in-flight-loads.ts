import type { Encoded } from "../../contracts/serializer.ts";
import { SingleFlight, type Tally } from "../../kit/single-flight.ts";

/**
 * What a load came to: a value for the caller that began it, and its stored form for those who
 * joined, who each get a value of their own out of it. Without a stored form they share the value.
 */
export interface Outcome {
  readonly value: unknown;
  readonly stored?: Encoded | undefined;
}

/** Loads under way in this process, by stored key. */
export class InFlightLoads {
  /** How many there are. Check it before you call {@link InFlightLoads.supersede}. */
  readonly tally: Tally = { running: 0 };

  /** Reads, and the loads of those that miss. */
  readonly single: SingleFlight<Outcome> = new SingleFlight(this.tally);

  /** The same for several keys at once; apart, since only these may leave a key out. */
  readonly bulk: SingleFlight<Outcome> = new SingleFlight(this.tally);

  /** Loads that nobody joins: readers have the stored value meanwhile. */
  readonly refreshing: SingleFlight<Outcome> = new SingleFlight(this.tally);

  /** A write supersedes the loads of its key: what they bring is older, and is not stored. */
  supersede(storedKey: string): void {
    this.single.forget(storedKey);
    this.bulk.forget(storedKey);
    this.refreshing.forget(storedKey);
  }

  /** {@link InFlightLoads.supersede} of several keys. */
  supersedeAllOf(storedKeys: Iterable<string>): void {
    if (this.tally.running === 0) return;
    for (const storedKey of storedKeys) this.supersede(storedKey);
  }

  /** {@link InFlightLoads.supersede} of every key. */
  supersedeAll(): void {
    this.single.forgetAll();
    this.bulk.forgetAll();
    this.refreshing.forgetAll();
  }
}
