export { type DummyDriverOptions, openDummy } from "./dummy-driver.ts";
export { DummyLocker, type DummyLockerOptions } from "./dummy-locker.ts";
export { DummyStore } from "./dummy-store.ts";
