import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { Clock } from "../../kit/clock.ts";
import { LeaseTable } from "../in-process/lease-table.ts";
import { refuseRawClient } from "../in-process/raw-client.ts";
import { MemoryIndex } from "./memory-index.ts";
import { MemoryRecords } from "./memory-records.ts";
import { MemoryStore } from "./memory-store.ts";

/** What {@link openMemory} opens. */
export interface MemoryDriverOptions {
  /** Shares one store among all who open this name in the process; without it the store is one's own. */
  readonly name?: string | undefined;

  /** How many entries the store holds before the least recently used one goes. At least 1. */
  readonly maxEntries: number;

  /** Tells when entries and locks end. */
  readonly clock: Clock;
}

/** They live apart: no scan or clear of the store meets a lock or a record. */
type Memory = Pick<Driver, "store" | "locker" | "records" | "index">;

interface SharedMemory {
  readonly memory: Memory;
  readonly options: MemoryDriverOptions;
  users: number;
}

/** By name. Here for the whole process, since that is what a name promises. */
const sharedMemories = new Map<string, SharedMemory>();

/**
 * Opens a store and locks in this process's memory. What a name shares is dropped when its last user closes.
 *
 * @throws ConfigurationError when the name is open with another `maxEntries` or `clock`
 */
export function openMemory(options: MemoryDriverOptions): Driver {
  const { name } = options;
  if (name === undefined) return driverOver(createMemory(options), () => {});
  return driverOver(join(name, options), () => {
    leave(name);
  });
}

function driverOver(memory: Memory, onClose: () => void): Driver {
  let isClosed = false;
  return {
    ...memory,
    rawClient: () => refuseRawClient("memory:"),
    close: async () => {
      if (isClosed) return;
      isClosed = true;
      onClose();
    },
  };
}

function createMemory({ maxEntries, clock }: MemoryDriverOptions): Memory {
  const records = new MemoryRecords({ maxEntries, clock });
  const index = new MemoryIndex({ maxEntries, clock });
  const onFlush = (): void => {
    records.clear();
    index.clear();
  };
  const store = new MemoryStore({ maxEntries, clock, onFlush });
  return { store, locker: new LeaseTable(clock), records, index };
}

function join(name: string, options: MemoryDriverOptions): Memory {
  const shared = sharedMemories.get(name) ?? { memory: createMemory(options), options, users: 0 };
  requireSameOptions(name, shared.options, options);
  shared.users += 1;
  sharedMemories.set(name, shared);
  return shared.memory;
}

function leave(name: string): void {
  const shared = sharedMemories.get(name);
  if (!shared) return;
  shared.users -= 1;
  if (shared.users === 0) sharedMemories.delete(name);
}

function requireSameOptions(
  name: string,
  open: MemoryDriverOptions,
  wanted: MemoryDriverOptions,
): void {
  if (open.maxEntries !== wanted.maxEntries) {
    throw new ConfigurationError(
      "location",
      `The memory store ${JSON.stringify(name)} is already open with maxEntries ` +
        `${open.maxEntries}, not ${wanted.maxEntries}: use the same, or another name.`,
    );
  }
  if (open.clock !== wanted.clock) {
    throw new ConfigurationError(
      "location",
      `The memory store ${JSON.stringify(name)} is already open with another clock: ` +
        "use the same, or another name.",
    );
  }
}
