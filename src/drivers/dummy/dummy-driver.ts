import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { Clock } from "../../kit/clock.ts";
import { LeaseTable } from "../in-process/lease-table.ts";
import { DummyIndex, DummyRecords } from "./dummy-records.ts";
import { DummyStore } from "./dummy-store.ts";

/** What {@link openDummy} opens. */
export interface DummyDriverOptions {
  /** Tells when locks end. */
  readonly clock: Clock;
}

/** Opens a store that keeps nothing, with locks of its own that do lock. */
export function openDummy({ clock }: DummyDriverOptions): Driver {
  return {
    store: new DummyStore(),
    locker: new LeaseTable(clock),
    records: new DummyRecords(),
    index: new DummyIndex(),
    rawClient: async () => {
      throw new ConfigurationError(
        "location",
        'A "dummy:" cache has no client behind it; rawClient() needs a Redis location.',
      );
    },
    close: async () => {},
  };
}
