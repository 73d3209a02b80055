import { type FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { CacheStore, type CacheStoreOptions } from "../../src/adapters/fastify/index.ts";
import { CommandLog } from "../support/command-log.ts";
import { startedRedis } from "../support/servers.ts";
import { until } from "../support/until.ts";
import {
  type Layout,
  layouts,
  openStage,
  type Place,
  read,
  type SessionOptions,
} from "./support/fastify-session-stage.ts";

describe("what a request costs", () => {
  async function watched(layout: Layout, session: SessionOptions = {}) {
    const server = await startedRedis();
    const { open } = await openStage({ where: "Redis", layout }, { server, session });
    const browser = open();
    await browser.post("/login/ann");
    await browser.post("/set/colour/red"); // all scripts are loaded
    return { server, browser, commands: await CommandLog.of(server) };
  }

  test.each([{}, { cookie: { maxAge: 86_400_000 } }, { rolling: false }])(
    "one command where it reads only, with %j",
    async (session) => {
      const { browser, commands } = await watched("merged", session);
      expect(await commands.during(() => browser.get("/me"))).toHaveLength(1);
    },
  );

  test("one command where it reads only, right after the session was made", async () => {
    const server = await startedRedis();
    const session = { cookie: { maxAge: 86_400_000 } };
    const place: Place = { where: "Redis", layout: "merged" };
    const { store, open } = await openStage(place, { server, session });
    await read(store, "nobody"); // the script that reads is loaded
    const browser = open();
    await browser.get("/me");
    const commands = await CommandLog.of(server);
    expect(await commands.during(() => browser.get("/me"))).toHaveLength(1);
  });

  test("two commands where it changes something", async () => {
    const { browser, commands } = await watched("merged");
    expect(await commands.during(() => browser.post("/set/colour/blue"))).toHaveLength(2);
    expect(await commands.during(() => browser.post("/push/tea"))).toHaveLength(2);
  });

  test.each([{}, { cookie: { maxAge: 86_400_000 } }, { rolling: false }])(
    "no write where it reads only, in connect-redis' layout, with %j",
    async (session) => {
      const { browser, commands } = await watched("connect-redis", session);
      const sent = await commands.during(() => browser.get("/me"));
      expect(new Set(sent)).toEqual(new Set(["get", "pttl"]));
    },
  );
});

describe("a Redis that is down", () => {
  test.each(["kill", "freeze"] as const)("answers 503 in time, after a %s", async (how) => {
    const server = await startedRedis();
    const place: Place = { where: "Redis", layout: "merged" };
    const { open } = await openStage(place, { server });
    const browser = open();
    await browser.post("/login/ann");
    await (how === "kill" ? server.kill() : server.freeze());
    for (const visitor of [browser, open()]) {
      const startedMs = performance.now();
      const answer = await visitor.get("/me");
      expect(answer.status).toBe(503);
      expect(answer.setCookies).toEqual([]);
      expect(performance.now() - startedMs).toBeLessThan(2_500);
    }
  });

  test.each(layouts)("does not cost a session whose reload() failed: %s", async (layout) => {
    const server = await startedRedis();
    const routes = (app: FastifyInstance) =>
      app.post("/reload", async (request) => {
        server.freeze();
        const error = await request.session.reload().catch((reason: unknown) => reason);
        server.thaw();
        await until("Redis is back", async () => (await server.cli("PING")) === "PONG");
        return { failed: error instanceof Error };
      });
    const { open } = await openStage({ where: "Redis", layout }, { server, routes });
    const browser = open();
    await browser.post("/login/ann");
    const answer = await browser.post("/reload");
    expect(answer.status).toBe(503);
    await until("it is served again", async () => (await browser.get("/me")).status === 200);
    expect((await browser.get("/me")).json()).toEqual({ user: "ann" });
  });
});

test.each<readonly [object, string]>([
  [{}, "cache must be a cache"],
  [{ cache: 1, prefx: "x" }, 'The option "prefx" of CacheStore is not known'],
])("the options %j are refused", (options, message) => {
  expect(() => new CacheStore(options as unknown as CacheStoreOptions)).toThrow(message);
});
