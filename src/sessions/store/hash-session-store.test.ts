import { describe, expect, test, vi } from "vitest";
import { testSessionStoreContract } from "../../../test/contracts/session-store-contract.ts";
import { ValueTooLargeError } from "../../contracts/errors.ts";
import { createCache } from "../../create-cache.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { sessionBackendOf } from "../session-backend.ts";
import { createSessions } from "../sessions.ts";
import { openSessionStore } from "./open-session-store.ts";

const clock = new ManualClock();

testSessionStoreContract(
  { describe, test },
  {
    name: "merged, in memory",
    layout: "merged",
    open: async () => createCache({ clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("merged sessions", () => {
  const hour = { lifetimeMs: 3_600_000 };

  /** Returns a store, and spies on what it calls. */
  function watched() {
    const cache = createCache({ clock });
    const { records } = sessionBackendOf(cache);
    const spies = {
      load: vi.spyOn(records, "load"),
      put: vi.spyOn(records, "put"),
      update: vi.spyOn(records, "update"),
      touch: vi.spyOn(records, "touch"),
      destroy: vi.spyOn(records, "destroy"),
    };
    const calls = (): string[] =>
      Object.entries(spies).flatMap(([verb, { mock }]) => mock.calls.map(() => verb));
    return { calls, spies, store: openSessionStore({ cache }) };
  }

  async function open() {
    const { calls, spies, store } = watched();
    const base = await store.set("id", { name: "Ann", city: "Rome" }, hour);
    spies.put.mockClear();
    return { base, calls, spies, store };
  }

  test("a read is one round trip", async () => {
    const { calls, store } = await open();
    await store.get("id");
    expect(calls()).toEqual(["load"]);
  });

  test("a session that is not known is put", async () => {
    const { calls, store } = watched();
    await store.set("id", { name: "Ann" }, hour);
    expect(calls()).toEqual(["put"]);
  });

  test("of a known session nothing but what changed is written", async () => {
    const { base, calls, spies, store } = await open();
    await store.set("id", { name: "Bob", cart: [] }, { ...hour, base });
    expect(calls()).toEqual(["update"]);
    const [, change] = spies.update.mock.lastCall ?? [];
    expect([...(change?.set.keys() ?? [])]).toEqual(["data:name", "data:cart"]);
    expect(change?.remove).toEqual(["data:city"]);
  });

  test("a session that did not change, and has all its life before it, costs nothing", async () => {
    const { base, calls, store } = await open();
    clock.advance(3_500);
    await store.set("id", { city: "Rome", name: "Ann" }, { ...hour, base });
    expect(await store.touch("id", { ...hour, base })).toBe(true);
    expect(calls()).toEqual([]);
  });

  test("a session that did not change is touched when a thousandth of its life has passed, and then not again", async () => {
    const { base, calls, store } = await open();
    clock.advance(3_700);
    await store.set("id", { name: "Ann", city: "Rome" }, { ...hour, base });
    expect(calls()).toEqual(["touch"]);
    expect(await store.touch("id", { ...hour, base })).toBe(true);
    expect(calls()).toEqual(["touch"]);
    clock.advance(3_700);
    expect(await store.touch("id", { ...hour, base })).toBe(true);
    expect(calls()).toEqual(["touch", "touch"]);
  });

  test("a session that changed keeps its end while a thousandth of its life has not passed", async () => {
    const { base, spies, store } = await open();
    clock.advance(3_500);
    const later = await store.set("id", { name: "Bob", city: "Rome" }, { ...hour, base });
    expect(spies.update.mock.lastCall?.[2]).toBeUndefined();
    expect((await store.get("id"))?.remainingMs).toBe(hour.lifetimeMs - 3_500);
    clock.advance(200);
    await store.set("id", { name: "Eve", city: "Rome" }, { ...hour, base: later });
    expect(spies.update.mock.lastCall?.[2]).toEqual({ ttlMs: hour.lifetimeMs });
    expect((await store.get("id"))?.remainingMs).toBe(hour.lifetimeMs);
  });

  test("a destruction is one round trip", async () => {
    const { calls, store } = await open();
    await store.destroy("id");
    expect(calls()).toEqual(["destroy"]);
  });

  test("a base that another store gave is none", async () => {
    const { calls, store } = await open();
    const { base } = await open();
    await store.set("id", { name: "Ann", city: "Rome" }, { ...hour, base });
    expect(calls()).toEqual(["put"]);
  });

  test("the store learns no id", async () => {
    const { spies, store } = watched();
    await store.set("the-id", { name: "Ann" }, hour);
    const [key, fields] = spies.put.mock.lastCall ?? [];
    expect(key).toMatch(/sess:[0-9a-f]{64}$/);
    expect(JSON.stringify([...(fields ?? [])])).not.toContain("the-id");
  });

  test("sessions of createSessions under the same prefix are none of the store's", async () => {
    const cache = createCache({ clock });
    const store = openSessionStore({ cache, prefix: "same:" });
    const sessions = createSessions({ cache, keyPrefix: "same:" });
    const session = await sessions.load(undefined);
    await session.set("name", "Ann").save();
    expect([await store.count(), await store.all()]).toEqual([0, []]);
    await store.clear();
    expect((await sessions.load(session.id)).get("name")).toBe("Ann");
  });

  test("a session may take 65,536 bytes where nothing else is said", async () => {
    const { store } = watched();
    await store.set("id", { note: "x".repeat(65_536 - 6) }, hour); // the name and two quotes
    const larger = store.set("id", { note: "x".repeat(65_536 - 5) }, hour);
    await expect(larger).rejects.toThrow(ValueTooLargeError);
  });
});
