import { describe, expect, test } from "vitest";
import { isStoreFailure, SessionInterruptedError } from "../../src/contracts/errors.ts";
import { createSessions } from "../../src/sessions/index.ts";
import { bringBack, livingIn, openOwnShop, saved } from "./shop.ts";

describe("after an outage", () => {
  test("a save of a stored session is repeated without loss", async () => {
    const shop = await openOwnShop();
    const session = await saved(shop.sessions, { name: "Ann", list: [1], old: true });
    shop.server.freeze();
    session.set("city", "Rome").delete("old");
    session.get<number[]>("list", []).push(2);
    await expect(session.save()).rejects.toSatisfy(isStoreFailure);
    expect([session.modified, session.get("city")]).toEqual([true, "Rome"]);
    await bringBack(shop);
    expect(await session.save()).toBe(true);
    expect(Object.fromEntries((await shop.sessions.load(session.id)).entries())).toEqual({
      name: "Ann",
      list: [1, 2],
      city: "Rome",
    });
  });

  test("the first save of a session is repeated without loss", async () => {
    const shop = await openOwnShop();
    const session = await shop.sessions.load(undefined);
    session.set("name", "Ann").set("list", [1]);
    await shop.cache.ping();
    shop.server.freeze();
    await expect(session.save()).rejects.toSatisfy(isStoreFailure);
    expect([session.id, session.isNew, session.modified]).toEqual([undefined, true, true]);
    await bringBack(shop);
    expect(await session.save()).toBe(true);
    expect((await shop.sessions.load(session.id)).entries()).toEqual([
      ["name", "Ann"],
      ["list", [1]],
    ]);
  });

  test("a login whose save is repeated is its user's", async () => {
    const shop = await openOwnShop();
    const session = await saved(shop.sessions);
    shop.server.freeze();
    await expect(session.set("userId", 42).save()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    await session.save();
    expect((await shop.sessions.list({ userId: 42 })).map(({ handle }) => handle)).toEqual([
      session.handle,
    ]);
    expect(await shop.sessions.destroyAll({ userId: 42 })).toBe(1);
  });

  test("an expiry whose save is repeated counts", async () => {
    const shop = await openOwnShop();
    const session = await saved(shop.sessions);
    shop.server.freeze();
    session.setExpiry(0);
    await expect(session.save()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    expect(await session.save()).toBe(true);
    expect((await shop.sessions.load(session.id)).expiresAtBrowserClose).toBe(true);
  });

  test("a rolling save is repeated", async () => {
    const shop = await openOwnShop({ ttl: "14d", rolling: true });
    const { id } = await saved(createSessions({ cache: shop.cache, ttl: "1d" }));
    const session = await shop.sessions.load(id);
    shop.server.freeze();
    await expect(session.save()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    expect(await session.save()).toBe(true);
    expect((await shop.sessions.load(id)).remainingMs).toBeGreaterThan(13 * 86_400_000);
  });

  test("a destroy is repeated, and ends the session", async () => {
    const shop = await openOwnShop();
    const session = await saved(shop.sessions, { name: "Ann", userId: 42 });
    const { id } = session;
    shop.server.freeze();
    await expect(session.destroy()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    await session.destroy();
    expect([session.id, session.isEmpty]).toEqual([undefined, true]);
    expect((await shop.sessions.load(id)).isEmpty).toBe(true);
    expect(await livingIn(shop.server)).toBe(0);
  });

  test.each([
    ["nobody's", { name: "Ann" }],
    ["a user's", { name: "Ann", userId: 42 }],
  ])(
    "a regenerate of %s session without an answer leaves one session, which destroy finds",
    async (_, fields) => {
      const shop = await openOwnShop();
      const session = await saved(shop.sessions, fields);
      shop.server.freeze();
      await expect(session.set("city", "Rome").regenerate()).rejects.toSatisfy(isStoreFailure);
      expect([session.get("name"), session.get("city")]).toEqual(["Ann", "Rome"]);
      await bringBack(shop);
      expect(await livingIn(shop.server)).toBe(1);
      await session.destroy();
      expect(await livingIn(shop.server)).toBe(0);
    },
  );

  test("a save after the server lost everything is interrupted, and brings nothing back", async () => {
    const shop = await openOwnShop();
    const session = await saved(shop.sessions);
    await shop.server.restart();
    await bringBack(shop);
    await expect(session.set("city", "Rome").save()).rejects.toBeInstanceOf(
      SessionInterruptedError,
    );
    expect(await shop.server.cli("DBSIZE")).toBe("0");
    const next = await shop.sessions.load(session.id);
    await next.set("name", "Bob").save();
    expect(next.id).not.toBe(session.id);
  });
});

describe("a server that is out of memory", () => {
  test("gives sessions, destroys them, and refuses to store, without loss", async () => {
    const shop = await openOwnShop();
    const [one, other] = [await saved(shop.sessions), await saved(shop.sessions)];
    await shop.server.limitMemory(1);
    const session = await shop.sessions.load(one.id);
    expect([session.detached, session.get("name")]).toEqual([false, "Ann"]);
    await expect(session.set("city", "Rome").save()).rejects.toMatchObject({ reason: "OOM" });
    await other.destroy();
    await shop.server.limitMemory(0);
    expect(await session.save()).toBe(true);
    expect((await shop.sessions.load(one.id)).get("city")).toBe("Rome");
    expect(await livingIn(shop.server)).toBe(1);
  });
});
