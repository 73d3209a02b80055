import { describe, expect, test } from "vitest";
import {
  ClosedError,
  CommandTimeoutError,
  isStoreFailure,
  SessionInterruptedError,
  StoreUnavailableError,
} from "../../src/contracts/errors.ts";
import type { Session } from "../../src/contracts/sessions.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { failureOf } from "../support/failure.ts";
import { bringBack, livingIn, openOwnShop, type Shop, saved, timeoutMs } from "./shop.ts";

/** What a busy test machine may add. */
const slackMs = 1_500;

const loose = { onStoreError: "anonymous" } as const;

/** How a server comes to be away, and what a call says then. */
const outages: readonly (readonly [
  string,
  (server: RedisServer) => void | Promise<void>,
  readonly (typeof CommandTimeoutError | typeof StoreUnavailableError)[],
])[] = [
  ["frozen", (server) => server.freeze(), [CommandTimeoutError]],
  ["killed", (server) => server.kill(), [StoreUnavailableError, CommandTimeoutError]],
];

const calls: readonly (readonly [string, (shop: Shop, session: Session) => Promise<unknown>])[] = [
  ["load", ({ sessions }, { id }) => sessions.load(id)],
  ["load with fail", ({ sessions }, { id }) => sessions.load(id, { onStoreError: "fail" })],
  ["save", (_, session) => session.set("city", "Rome").save()],
  ["regenerate", (_, session) => session.regenerate()],
  ["destroy", (_, session) => session.destroy()],
  ["list", ({ sessions }) => sessions.list({ userId: 42 })],
  ["destroyAll", ({ sessions }) => sessions.destroyAll({ userId: 42 })],
  [
    "the first save of a new session",
    async ({ sessions }) => (await sessions.load(undefined)).set("name", "Bob").save(),
  ],
];

describe.each(outages)("while the server is %s", (_, stop, errors) => {
  test.each(calls)(
    "%s rejects with the store's error, within the deadline",
    async (_name, call) => {
      const shop = await openOwnShop();
      const session = await saved(shop.sessions);
      await stop(shop.server);
      const { error, tookMs } = await failureOf(() => call(shop, session));
      expect(errors.some((kind) => error instanceof kind)).toBe(true);
      expect(tookMs).toBeLessThan(timeoutMs + slackMs);
    },
  );

  test("a load that goes on gives a detached, empty session, within the deadline", async () => {
    const shop = await openOwnShop();
    const { id } = await saved(shop.sessions);
    await stop(shop.server);
    const startedMs = performance.now();
    const session = await shop.sessions.load(id, loose);
    expect(performance.now() - startedMs).toBeLessThan(timeoutMs + slackMs);
    expect([session.detached, session.isNew, session.isEmpty]).toEqual([true, true, true]);
    expect([session.id, session.handle, session.get("name")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("a visitor without an id gets a session that is not detached", async () => {
    const shop = await openOwnShop();
    await stop(shop.server);
    for (const id of [undefined, "malformed"]) {
      const session = await shop.sessions.load(id, loose);
      expect([session.detached, session.isEmpty, await session.save()]).toEqual([
        false,
        true,
        false,
      ]);
    }
  });
});

describe("a detached session", () => {
  /** Returns a session that is stored, and the same as a request found it while the server was away. */
  async function detached(shop: Shop): Promise<readonly [Session, Session]> {
    const real = await saved(shop.sessions, { name: "Ann", userId: 42 });
    shop.server.freeze();
    return [real, await shop.sessions.load(real.id, loose)];
  }

  test("holds what is written to it, and stores nothing, then or later", async () => {
    const shop = await openOwnShop({ rolling: true });
    const [real, session] = await detached(shop);
    session.set("name", "Eve").set("userId", 7);
    expect([session.get("name"), await session.save()]).toEqual(["Eve", false]);
    await bringBack(shop);
    expect(await session.set("name", "Eve").save()).toBe(false);
    expect([session.id, session.isNew, session.detached]).toEqual([undefined, true, true]);
    expect((await shop.sessions.load(real.id)).get("name")).toBe("Ann");
    expect(await shop.sessions.list({ userId: 7 })).toEqual([]);
    expect(await livingIn(shop.server)).toBe(1);
  });

  test("is given no id: regenerate rejects with what made it detached", async () => {
    const shop = await openOwnShop();
    const [real, session] = await detached(shop);
    await expect(session.regenerate()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    await expect(session.set("a", 1).regenerate()).rejects.toSatisfy(isStoreFailure);
    expect((await shop.sessions.load(real.id)).get("name")).toBe("Ann");
    expect(await livingIn(shop.server)).toBe(1);
  });

  test("is destroyed for real once the server is back, and not before", async () => {
    const shop = await openOwnShop();
    const [real, session] = await detached(shop);
    await expect(session.destroy()).rejects.toSatisfy(isStoreFailure);
    await bringBack(shop);
    await session.destroy();
    expect((await shop.sessions.load(real.id)).isEmpty).toBe(true);
    expect(await livingIn(shop.server)).toBe(0);
    await expect(real.set("name", "Bob").save()).rejects.toBeInstanceOf(SessionInterruptedError);
  });

  test("is destroyed also where another request gave it a new id", async () => {
    const shop = await openOwnShop();
    const [real, session] = await detached(shop);
    await bringBack(shop);
    await real.regenerate();
    await session.destroy();
    expect((await shop.sessions.load(real.id)).isEmpty).toBe(true);
  });

  test("stays detached after its destroy", async () => {
    const shop = await openOwnShop();
    const [, session] = await detached(shop);
    await bringBack(shop);
    await session.destroy();
    expect(await session.set("name", "Eve").save()).toBe(false);
    expect([session.detached, await livingIn(shop.server)]).toEqual([true, 0]);
  });

  test("is not what a closed cache gives", async () => {
    const shop = await openOwnShop();
    const { id } = await saved(shop.sessions);
    await shop.cache.close();
    await expect(shop.sessions.load(id, loose)).rejects.toBeInstanceOf(ClosedError);
  });
});
