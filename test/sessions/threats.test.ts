import { createHash, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { Sessions } from "../../src/contracts/sessions.ts";
import { type RedisServer, startRedisServer } from "../../src/testing/redis-server.ts";
import { until } from "../support/until.ts";
import { everythingIn, keysOf, openShop, saved } from "./shop.ts";

let server: RedisServer;

beforeAll(async () => {
  server = await startRedisServer();
});

beforeEach(async () => {
  await server.cli("FLUSHALL");
});

afterAll(() => server.stop());

/** Returns an id of the right shape: a slot tag, and a secret. */
function randomId(): string {
  return randomBytes(35).toString("base64url").slice(0, 46);
}

describe("fixation", () => {
  test("ids that a client chose are never adopted, and never reach Redis", async () => {
    const { sessions } = openShop(server);
    const chosen = Array.from({ length: 200 }, randomId);
    const made = await Promise.all(
      chosen.map(async (id) => {
        const session = await sessions.load(id);
        await session.set("userId", 42).save();
        return session;
      }),
    );
    expect(made.map(({ id }) => id).filter((id) => id && chosen.includes(id))).toEqual([]);
    const stored = await everythingIn(server);
    const handles = chosen.map((id) => createHash("sha256").update(id).digest("base64url"));
    expect([...chosen, ...handles].filter((text) => stored.includes(text))).toEqual([]);
    for (const id of chosen) expect((await sessions.load(id)).isEmpty).toBe(true);
  });

  test("an id that was planted before the login is dead after it", async () => {
    const { sessions } = openShop(server);
    const planted = await saved(sessions, { cart: [] });
    const victim = await sessions.load(planted.id);
    await victim.set("userId", 42).regenerate();
    expect((await sessions.load(planted.id)).get("userId")).toBeUndefined();
    await expect(planted.set("cart", ["bomb"]).save()).rejects.toThrow("destroyed");
    expect((await sessions.load(victim.id)).entries()).toEqual([
      ["cart", []],
      ["userId", 42],
    ]);
  });
});

describe("guessing", () => {
  test("ten thousand guessed ids find nothing, and write nothing", async () => {
    const { sessions } = openShop(server);
    for (let lot = 0; lot < 20; lot++) {
      const found = await Promise.all(Array.from({ length: 500 }, () => sessions.load(randomId())));
      const saves = await Promise.all(found.map((session) => session.save()));
      expect(found.every(({ isEmpty }) => isEmpty)).toBe(true);
      expect(saves.includes(true)).toBe(false);
    }
    expect(await server.cli("DBSIZE")).toBe("0");
  });

  test("a handle, which lists and logs show, opens nothing", async () => {
    const { sessions } = openShop(server);
    const { handle = "" } = await saved(sessions, { userId: 42 });
    for (const guess of [
      handle,
      handle.slice(0, 46),
      handle.slice(-46),
      handle.replaceAll(/[{}]/g, ""),
    ]) {
      expect((await sessions.load(guess)).isEmpty).toBe(true);
    }
  });
});

describe("an id in clear", () => {
  test("Redis holds no session's id, neither in keys nor in values", async () => {
    const { sessions } = openShop(server, { sessions: { rolling: true } });
    const ids: (string | undefined)[] = [];
    for (const userId of [1, 2, "Ann"]) {
      const session = await saved(sessions, { userId, cart: ["fig"] });
      ids.push(session.id);
      await session.regenerate();
      ids.push(session.id);
      await session.set("city", "Rome").save();
      await session.set("userId", 3).save();
      await session.regenerate();
      ids.push(session.id);
    }
    const stored = await everythingIn(server);
    expect(stored).toContain("fig");
    expect(ids.filter((id) => id === undefined || stored.includes(id))).toEqual([]);
    expect(new Set(ids).size).toBe(9);
  });

  test("no event, error, log line, summary or printed object shows an id", async () => {
    const said: unknown[] = [];
    const logger = { error: (...line: unknown[]) => said.push(line) };
    const { cache, sessions } = openShop(server, {
      cache: { logger, logIgnoredErrors: true },
      sessions: { maxBytes: 200 },
    });
    for (const event of ["hit", "miss", "write", "delete", "error", "connect"] as const) {
      cache.on(event, (told) => said.push(told));
    }
    const note = (error: unknown): unknown => said.push(error);
    const [session, other] = [
      await saved(sessions, { userId: 1 }),
      await saved(sessions, { userId: 1 }),
    ];
    const ids = [session.id, other.id];
    await session.set("big", randomBytes(300)).save().catch(note);
    await session
      .set("big", () => undefined)
      .save()
      .catch(note);
    session.delete("big");
    const ofSession = (key: string): boolean => key.endsWith(session.handle ?? "?");
    const brokenKey = (await keysOf(server)).find(ofSession) ?? "";
    await server.cli("HSET", brokenKey, "data:userId", "{");
    said.push(
      await sessions.load(session.id),
      session,
      sessions,
      await sessions.list({ userId: 1 }),
    );
    await server.cli("DEL", brokenKey);
    await session.set("city", "Rome").save().catch(note);
    await server.cli("SET", brokenKey, "text");
    said.push(await sessions.load(session.id));
    await session.save().catch(note);
    await session.set("city", "Rome").save().catch(note);
    await session.regenerate().catch(note);
    await session.destroy().catch(note);
    await other.destroy();
    await other.set("city", "Rome").regenerate();
    ids.push(other.id);
    const printed = said
      .map(
        (thing) =>
          `${inspect(thing, { depth: Infinity, showHidden: true })}${JSON.stringify(thing)}`,
      )
      .join("\n");
    expect(printed).toContain("SessionInterruptedError");
    expect(printed).toContain("WrongTypeError");
    expect(ids.filter((id) => id === undefined || printed.includes(id))).toEqual([]);
  });

  test("an unreachable store's error shows no id", async () => {
    const { cache, sessions } = openShop(server, { cache: { commandTimeout: "80ms" } });
    const session = await saved(sessions, { userId: 1 });
    const { id = "?" } = session;
    const said: unknown[] = [];
    cache.on("error", (event) => said.push(event));
    server.freeze();
    onTestFinished(() => server.thaw());
    const calls = [
      sessions.load(id),
      session.set("a", 1).save(),
      session.regenerate(),
      session.destroy(),
    ];
    for (const end of await Promise.allSettled(calls)) said.push(end);
    server.thaw();
    expect(said.length).toBeGreaterThanOrEqual(8);
    expect(inspect(said, { depth: Infinity, showHidden: true })).not.toContain(id);
    await until("it serves again", () => cache.ping().catch(() => false));
  });
});

describe("replay", () => {
  /** How an id comes to be a past one. Returns the id. */
  const pasts: readonly (readonly [string, (sessions: Sessions) => Promise<string | undefined>])[] =
    [
      [
        "an expired session",
        async (sessions) => {
          const session = await sessions.load(undefined);
          session.set("userId", 42).setExpiry("30ms");
          await session.save();
          const { id } = session;
          await until("nothing is left of it", async () => (await server.cli("DBSIZE")) === "0");
          return id;
        },
      ],
      [
        "a destroyed session",
        async (sessions) => {
          const session = await saved(sessions, { userId: 42 });
          const { id } = session;
          await session.destroy();
          return id;
        },
      ],
      [
        "a session destroyed with its user's",
        async (sessions) => {
          const { id } = await saved(sessions, { userId: 42 });
          await sessions.destroyAll({ userId: 42 });
          return id;
        },
      ],
      [
        "a session that got a new id",
        async (sessions) => {
          const session = await saved(sessions, { userId: 42 });
          const { id } = session;
          await session.regenerate();
          return id;
        },
      ],
    ];

  test.each(pasts)(
    "the id of %s shows nothing, stores nothing and destroys nothing",
    async (_, end) => {
      const { sessions } = openShop(server, { sessions: { rolling: true } });
      const id = await end(sessions);
      const before = await everythingIn(server);
      const replayed = await sessions.load(id);
      expect([replayed.id, replayed.isEmpty]).toEqual([undefined, true]);
      expect(await replayed.save()).toBe(false);
      await replayed.destroy();
      expect(await everythingIn(server)).toBe(before);
      await replayed.set("userId", 42).save();
      expect(replayed.id).not.toBe(id);
      expect((await sessions.load(id)).isEmpty).toBe(true);
    },
  );
});
