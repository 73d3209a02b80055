import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { Driver } from "../../contracts/driver.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openMemory } from "./memory-driver.ts";

describe("memory driver", () => {
  const clock = new ManualClock();
  const options = { maxEntries: 10, clock };
  const forever = { lifetime: "forever" } as const;

  function opened(name: string): Driver {
    return openMemory({ ...options, name });
  }

  test("without a name each has a store of its own", async () => {
    const [one, other] = [openMemory(options), openMemory(options)];
    await one.store.set("key", "x", forever);
    expect(await other.store.has("key")).toBe(false);
  });

  test("without a name each has locks of its own", async () => {
    const [one, other] = [openMemory(options), openMemory(options)];
    await one.locker.acquire("door", "me", 1_000);
    expect(await other.locker.acquire("door", "you", 1_000)).toBeDefined();
  });

  test("a name shares the store", async () => {
    const name = randomUUID();
    const [one, other] = [opened(name), opened(name)];
    await one.store.set("key", "x", forever);
    expect(await other.store.get("key")).toBe("x");
  });

  test("a name shares the locks", async () => {
    const name = randomUUID();
    const [one, other] = [opened(name), opened(name)];
    await one.locker.acquire("door", "me", 1_000);
    expect(await other.locker.acquire("door", "you", 1_000)).toBeUndefined();
  });

  test("different names share nothing", async () => {
    const [one, other] = [opened(randomUUID()), opened(randomUUID())];
    await one.store.set("key", "x", forever);
    expect(await other.store.has("key")).toBe(false);
  });

  test("a shared store lives as long as one user is left", async () => {
    const name = randomUUID();
    const [one, other] = [opened(name), opened(name)];
    await one.store.set("key", "x", forever);
    await one.close();
    expect(await other.store.has("key")).toBe(true);
    expect(await opened(name).store.has("key")).toBe(true);
  });

  test("a shared store is dropped when its last user closes", async () => {
    const name = randomUUID();
    const [one, other] = [opened(name), opened(name)];
    await one.store.set("key", "x", forever);
    await Promise.all([one.close(), other.close()]);
    expect(await opened(name).store.has("key")).toBe(false);
  });

  test("closing twice counts once", async () => {
    const name = randomUUID();
    const [one, other] = [opened(name), opened(name)];
    await other.store.set("key", "x", forever);
    await one.close();
    await one.close();
    expect(await opened(name).store.has("key")).toBe(true);
  });

  test.each([
    ["maxEntries", { ...options, maxEntries: 11 }],
    ["clock", { ...options, clock: new ManualClock() }],
  ])("a name that is open with another %s is refused", (_option, others) => {
    const name = randomUUID();
    opened(name);
    expect(() => openMemory({ ...others, name })).toThrow(ConfigurationError);
    expect(() => openMemory({ ...others, name })).toThrow(
      expect.objectContaining({ option: "location" }),
    );
  });

  test("a name that was refused may be opened once it is free", async () => {
    const name = randomUUID();
    const first = opened(name);
    expect(() => openMemory({ ...options, name, maxEntries: 11 })).toThrow(ConfigurationError);
    await first.close();
    expect(() => openMemory({ ...options, name, maxEntries: 11 })).not.toThrow();
  });

  test("no verb of the store meets a lock", async () => {
    const { store, locker } = openMemory(options);
    await locker.acquire("door", "me", 1_000);
    expect(await store.has("door")).toBe(false);
    await store.flush();
    expect(await locker.release("door", "me")).toBe(true);
  });

  test("there is no raw client", async () => {
    await expect(openMemory(options).rawClient({ write: true })).rejects.toThrow(
      ConfigurationError,
    );
  });
});
