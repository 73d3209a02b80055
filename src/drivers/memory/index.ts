export { type MemoryDriverOptions, openMemory } from "./memory-driver.ts";
export { MemoryLocker, type MemoryLockerOptions } from "./memory-locker.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory-store.ts";
