import { describe, expect, test } from "vitest";
import type { ErrorEvent } from "../../src/contracts/events.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";
import { CommandLog } from "../support/command-log.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import { momentOf, openStoreStage, type Stored, sidOf } from "./support/express-session-stage.ts";

describe("express-session over a CacheStore in Redis", () => {
  const merged = { place: "Redis", layout: "merged" } as const;
  const whole = { place: "Redis", layout: "connect-redis" } as const;

  test("keeps what 50 requests at once write to different fields", async () => {
    const { browser } = await openStoreStage(merged);
    await browser.post("/login/ann");
    const fields = Array.from({ length: 50 }, (_, index) => `field${index}`);
    await Promise.all(fields.map((field) => browser.post(`/set/${field}/${field}`)));
    const kept = (await browser.get("/fields")).json();
    expect(kept).toEqual({ user: "ann", ...Object.fromEntries(fields.map((f) => [f, f])) });
  });

  test("stores no id, with the layout merged", async () => {
    const server = await startedRedis();
    const { browser } = await openStoreStage(merged, { cache: { location: server.url() } });
    await browser.post("/login/ann");
    const keys = (await server.cli("KEYS", "*")).trim().split("\n");
    const values = await Promise.all(keys.map((key) => server.cli("HGETALL", key)));
    expect(values.join()).toContain("ann");
    expect(`${keys.join()}${values.join()}`).not.toContain(sidOf(browser));
  });

  test.each([
    { setting: merged, commands: 1 },
    { setting: whole, commands: 2 },
  ])(
    "asks for a session with $commands, and stores it with one more: $setting.layout",
    async (given) => {
      const server = await startedRedis();
      const { browser } = await openStoreStage(given.setting, {
        cache: { location: server.url() },
      });
      await browser.post("/login/ann");
      await browser.post("/set/a/0"); // every script is known from then on
      await browser.get("/plain");
      const log = await CommandLog.of(server);
      expect(await log.during(() => browser.get("/plain"))).toHaveLength(given.commands);
      expect(await log.during(() => browser.post("/set/a/1"))).toHaveLength(given.commands + 1);
    },
  );

  test.each([merged, whole])(
    "goes on with a new session where the old one cannot be read, and tells of it: $layout",
    async (setting) => {
      const server = await startedRedis();
      const stage = await openStoreStage(setting, { cache: { location: server.url() } });
      const told: ErrorEvent[] = [];
      stage.cache.on("error", (event) => told.push(event));
      await stage.browser.post("/login/ann");
      await spoil(server);
      expect((await stage.browser.get("/me")).json()).toEqual({ user: null });
      expect((await stage.browser.post("/login/bob")).status).toBe(200);
      expect((await stage.browser.get("/me")).json()).toEqual({ user: "bob" });
      expect(told.length).toBeGreaterThan(0);
    },
  );

  test.each([merged, whole])(
    "gives the error of a Redis that is down to next: $layout",
    async (setting) => {
      const server = await startedRedis();
      const cache = { location: server.url(), commandTimeout: "300ms" };
      const stage = await openStoreStage(setting, { cache });
      await stage.browser.post("/login/ann");
      await server.kill();
      const answer = await stage.browser.get("/me");
      expect(answer.status).toBe(503);
      expect(stage.errors).toMatchObject([{ status: 503 }]);
      stage.store.set("id", { cookie: {} }); // nobody waits for its failure
      await server.restart();
      await until("the sessions are served again", async () => {
        return (await stage.browser.get("/me")).status === 200;
      });
    },
  );

  describe("as connect-redis stores them", () => {
    async function openDefault() {
      const server = await startedRedis();
      const options = { cache: { location: server.url() }, store: { prefix: undefined } };
      return { server, ...(await openStoreStage(whole, options)) };
    }

    test("logs in who has a session of connect-redis", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/set/colour/red");
      const expires = new Date(Date.now() + 60_000).toISOString();
      const cookie = { originalMaxAge: 60_000, expires, httpOnly: true, path: "/" };
      const json = JSON.stringify({ cookie, user: "ann" });
      await server.cli("SET", `sess:${sidOf(browser)}`, json, "EX", "60");
      expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
      await browser.post("/set/colour/blue");
      expect((await browser.get("/fields")).json()).toEqual({ user: "ann", colour: "blue" });
    });

    test("logs in who has one without an end", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/set/colour/red");
      const json = JSON.stringify({ cookie: { path: "/" }, user: "ann" });
      await server.cli("SET", `sess:${sidOf(browser)}`, json);
      expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
    });

    test("writes what connect-redis reads", async () => {
      const { server, browser } = await openDefault();
      await browser.post("/login/ann");
      const key = `sess:${sidOf(browser)}`;
      expect(JSON.parse(await server.cli("GET", key))).toEqual({
        cookie: { originalMaxAge: null, expires: null, httpOnly: true, path: "/" },
        user: "ann",
      });
      const ttl = Number(await server.cli("TTL", key));
      expect(ttl).toBeGreaterThan(86_300);
      expect(ttl).toBeLessThanOrEqual(86_400);
    });

    test("writes the end of a cookie that has one", async () => {
      const server = await startedRedis();
      const { browser } = await openStoreStage(whole, {
        cache: { location: server.url() },
        store: { prefix: undefined },
        session: { cookie: { maxAge: 60_000 } },
      });
      await browser.post("/login/ann");
      const json: unknown = JSON.parse(await server.cli("GET", `sess:${sidOf(browser)}`));
      const { cookie } = json as Stored;
      const leftMs = momentOf(cookie.expires) - Date.now();
      expect(leftMs).toBeGreaterThan(50_000);
      expect(leftMs).toBeLessThanOrEqual(60_000);
      expect(cookie.originalMaxAge).toBeGreaterThan(59_000); // express-session counts from a moment later
    });
  });
});

/** Puts something else under each key that a session has. */
async function spoil(server: RedisServer): Promise<void> {
  const keys = (await server.cli("KEYS", "*")).trim().split("\n");
  await Promise.all(keys.map((key) => server.cli("SET", key, "no session")));
}
