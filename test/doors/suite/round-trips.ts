import { afterAll, beforeAll, expect, test } from "vitest";
import type { SessionCookieOptions } from "../../../src/adapters/http-session/options.ts";
import { type RedisServer, startRedisServer } from "../../../src/testing/redis-server.ts";
import { CommandLog } from "../../support/command-log.ts";
import { muteErrors } from "../support/muted-errors.ts";
import type { OpenStage } from "../support/stage.ts";
import { presenting } from "./cookie.ts";

const secret = "a secret of this test, long enough.";

/** How often a request asks Redis. */
export function testRoundTrips(open: OpenStage): void {
  muteErrors();

  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedisServer();
  });

  afterAll(() => server.stop());

  /** Returns a stage that is connected to the server, and the log of what it sends there. */
  async function watched(cookie: SessionCookieOptions = {}) {
    const stage = await open({ cookie, cache: { location: server.url() } });
    const browser = stage.browser(); // connects, and loads the scripts
    for (const path of ["/set/colour/red", "/set/colour/blue", "/regenerate"]) {
      await browser.post(path);
    }
    return { stage, commands: await CommandLog.of(server) };
  }

  test("a request without a cookie that stores nothing asks nothing", async () => {
    const { stage, commands } = await watched();
    const browser = stage.browser();
    for (const path of ["/public", "/me", "/fields", "/stream"]) {
      expect(await commands.during(() => browser.get(path))).toEqual([]);
    }
  });

  test("the first write of a stranger is one round trip", async () => {
    const { stage, commands } = await watched();
    expect(await commands.during(() => stage.browser().post("/set/size/large"))).toHaveLength(1);
  });

  test.each(["/public", "/me", "/fields", "/stream", "/big"])(
    "a request that leaves its session as it was is one round trip: %s",
    async (path) => {
      const { stage, commands } = await watched();
      const browser = stage.browser();
      await browser.post("/set/colour/red");
      expect(await commands.during(() => browser.get(path))).toHaveLength(1);
    },
  );

  test.each(["/set/colour/blue", "/push/tea", "/delete/colour", "/expiry/60", "/regenerate"])(
    "a request that changes its session is two round trips: %s",
    async (path) => {
      const { stage, commands } = await watched();
      const browser = stage.browser();
      await browser.post("/set/colour/red");
      expect(await commands.during(() => browser.post(path))).toHaveLength(2);
    },
  );

  test.each(["/fail/colour/red", "/throw/colour/red"])(
    "a request that fails is one round trip: %s",
    async (path) => {
      const { stage, commands } = await watched();
      const browser = stage.browser();
      await browser.post("/set/colour/red");
      expect(await commands.during(() => browser.post(path))).toHaveLength(1);
    },
  );

  test("a cookie that cannot be an id asks nothing", async () => {
    const { stage, commands } = await watched();
    const junk = presenting("junk");
    expect(await commands.during(() => stage.browser().get("/me", junk))).toEqual([]);
  });

  test("a cookie whose signature is wrong asks nothing", async () => {
    const { stage, commands } = await watched({ secrets: secret });
    const forged = presenting(`${"a".repeat(46)}.${"a".repeat(43)}`);
    expect(await commands.during(() => stage.browser().get("/me", forged))).toEqual([]);
  });
}
