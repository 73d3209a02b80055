import { describe, expect, test, vi } from "vitest";
import { testSessionStoreContract } from "../../../test/contracts/session-store-contract.ts";
import { DecodeError, EncodeError } from "../../contracts/errors.ts";
import type { Encoded } from "../../contracts/serializer.ts";
import type { SessionStoreOptions } from "../../contracts/session-store.ts";
import { createCache } from "../../create-cache.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { sessionBackendOf } from "../session-backend.ts";
import { openSessionStore } from "./open-session-store.ts";

const clock = new ManualClock();

testSessionStoreContract(
  { describe, test },
  {
    name: "connect-redis, in memory",
    layout: "connect-redis",
    open: async () => createCache({ clock }),
    pass: async (ms) => {
      clock.advance(ms);
    },
  },
);

describe("sessions as connect-redis keeps them", () => {
  const hour = { lifetimeMs: 3_600_000 };
  const lifetime = { ttlMs: 3_600_000 };

  function open(options: Partial<SessionStoreOptions> = {}) {
    const cache = createCache({ clock });
    const store = openSessionStore({ cache, layout: "connect-redis", ...options });
    return { cache, store, below: sessionBackendOf(cache).store };
  }

  test("lie as JSON under the prefix and the id, and nothing else", async () => {
    const { store, below } = open({ prefix: "my:" });
    await store.set("id", { name: "Ann", cart: [{ item: "tea" }] }, hour);
    expect(textOf(await below.get("my:id"))).toBe('{"name":"Ann","cart":[{"item":"tea"}]}');
  });

  test("are found where connect-redis stored them, with what is left of their life", async () => {
    const { store, below } = open();
    await below.set("sess:id", '{"cookie":{"path":"/"},"name":"Ann"}', { lifetime });
    clock.advance(1_000);
    const found = await store.get("id");
    expect(found?.data).toEqual({ cookie: { path: "/" }, name: "Ann" });
    expect(found?.remainingMs).toBe(lifetime.ttlMs - 1_000);
  });

  test("are found where they were stored for ever", async () => {
    const { store, below } = open();
    await below.set("sess:id", '{"name":"Ann"}', { lifetime: "forever" });
    const found = await store.get("id");
    expect(found?.remainingMs).toBe(Number.POSITIVE_INFINITY);
    await store.set("id", { name: "Bob" }, { ...hour, base: found?.base });
    expect((await store.get("id"))?.remainingMs).toBe(hour.lifetimeMs);
  });

  test.each(["", "null", "7", '"text"', "[]", "{", "undefined"])(
    "are none where %j is stored, which the cache tells of",
    async (text) => {
      const { cache, store, below } = open();
      const told: unknown[] = [];
      cache.on("error", ({ error }) => told.push(error));
      await below.set("sess:id", text, { lifetime });
      expect(await store.get("id")).toBeUndefined();
      expect(told).toEqual([expect.any(DecodeError)]);
    },
  );

  test("are read without a field that would become a prototype", async () => {
    const { store, below } = open();
    await below.set("sess:id", '{"__proto__":{"admin":true},"name":"Ann"}', { lifetime });
    expect(Object.keys((await store.get("id"))?.data ?? {})).toEqual(["name"]);
  });

  test("may be as large as they like where nothing is said", async () => {
    const { store } = open();
    await store.set("id", { note: "x".repeat(1_000_000) }, hour);
    expect((await store.get("id"))?.data["note"]).toHaveLength(1_000_000);
  });

  test("refuse a number that JSON has not", async () => {
    const { store } = open();
    await expect(store.set("id", { number: 1n }, hour)).rejects.toThrow(EncodeError);
    expect(await store.get("id")).toBeUndefined();
  });

  test("are not touched before a thousandth of their life has passed", async () => {
    const { store, below } = open();
    const base = await store.set("id", { name: "Ann" }, hour);
    const expire = vi.spyOn(below, "expire");
    clock.advance(3_500);
    expect(await store.touch("id", { ...hour, base })).toBe(true);
    expect(expire).not.toHaveBeenCalled();
    clock.advance(200);
    expect(await store.touch("id", { ...hour, base })).toBe(true);
    expect(expire).toHaveBeenCalledOnce();
  });

  test("cost nothing to store where nothing changed, and they need not live longer", async () => {
    const { store, below } = open();
    const base = await store.set("id", { name: "Ann" }, hour);
    const writes = [vi.spyOn(below, "set"), vi.spyOn(below, "expire")];
    await store.set("id", { name: "Ann" }, { ...hour, base });
    for (const write of writes) expect(write).not.toHaveBeenCalled();
  });

  test("are touched, and not written, where nothing but the cookie's end moved", async () => {
    const { store, below } = open();
    const sessionUntil = (expires: string) => ({ cookie: { expires, path: "/" }, name: "Ann" });
    const base = await store.set("id", sessionUntil("2026-03-01T12:00:00.000Z"), hour);
    const [set, expire] = [vi.spyOn(below, "set"), vi.spyOn(below, "expire")];
    clock.advance(600_000);
    await store.set("id", sessionUntil("2026-03-01T12:10:00.000Z"), { ...hour, base });
    expect(set).not.toHaveBeenCalled();
    expect(expire).toHaveBeenCalledOnce();
    await store.set("id", { ...sessionUntil(""), name: "Bob" }, { ...hour, base });
    expect(set).toHaveBeenCalledOnce();
  });
});

function textOf(stored: Encoded | undefined): string | undefined {
  return stored === undefined ? undefined : Buffer.from(stored as Uint8Array).toString(); // either form
}
