import type { Driver } from "../../contracts/driver.ts";
import type { Clock } from "../../kit/clock.ts";
import { LeaseTable } from "../in-process/lease-table.ts";
import { refuseRawClient } from "../in-process/raw-client.ts";
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
    rawClient: () => refuseRawClient("dummy:"),
    close: async () => {},
  };
}
