import { expect, test } from "vitest";
import type { RedisServer } from "../../../src/testing/redis-server.ts";
import { startedRedis } from "../../support/servers.ts";
import { until } from "../../support/until.ts";
import type { Answer, Browser } from "../support/browser.ts";
import { muteErrors } from "../support/muted-errors.ts";
import type { OpenStage, Stage } from "../support/stage.ts";
import { cookieName, idOf } from "./cookie.ts";

const timeoutMs = 200;
/** What a busy test machine may add. */
const slackMs = 1_500;

interface Outage {
  readonly server: RedisServer;
  readonly stage: Stage;
  /** Of a visitor who logged in before it. */
  readonly browser: Browser;
}

/** What an unreachable Redis means. */
export function testOutages(open: OpenStage): void {
  muteErrors();

  test.each(["freeze", "kill"] as const)(
    "a request with a session answers 503 in time, after a %s",
    async (how) => {
      const { browser } = await outage(open, "fail", how);
      for (const path of ["/me", "/public", "/stream"]) {
        const { answer, tookMs } = await timed(() => browser.get(path));
        expect(answer.status).toBe(503);
        expect(answer.setCookies).toEqual([]);
        expect(tookMs).toBeLessThan(timeoutMs + slackMs);
      }
    },
  );

  test.each(["fail", "anonymous"] as const)(
    "strangers read as ever, with onStoreError %j",
    async (onStoreError) => {
      const { stage } = await outage(open, onStoreError, "freeze");
      const stranger = stage.browser();
      expect((await stranger.get("/public")).json()).toEqual({ public: true });
      expect((await stranger.get("/me")).json()).toEqual({
        user: null,
        new: true,
        detached: false,
      });
      expect((await stranger.get("/stream")).status).toBe(200);
    },
  );

  test("a stranger's write answers 503 in time, and sends no cookie", async () => {
    const { stage } = await outage(open, "fail", "freeze");
    const { answer, tookMs } = await timed(() => stage.browser().post("/set/colour/red"));
    expect(answer.status).toBe(503);
    expect(answer.setCookies).toEqual([]);
    expect(tookMs).toBeLessThan(timeoutMs + slackMs);
  });

  test("the session is there again after the outage", async () => {
    const { server, browser } = await outage(open, "fail", "freeze");
    expect((await browser.post("/set/colour/red")).status).toBe(503);
    server.thaw();
    await untilItServes(browser);
    expect((await browser.get("/fields")).json()).toEqual({ userId: "ann" });
  });

  test("where it goes on, one with a session is served as a stranger whose session is detached", async () => {
    const { browser } = await outage(open, "anonymous", "freeze");
    const { answer, tookMs } = await timed(() => browser.get("/me"));
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ user: null, new: true, detached: true });
    expect(tookMs).toBeLessThan(timeoutMs + slackMs);
  });

  test("where it goes on, what is written is dropped, and cookie and session stay as they were", async () => {
    const { server, browser } = await outage(open, "anonymous", "freeze");
    const id = idOf(browser);
    for (const path of ["/set/colour/red", "/push/tea", "/stream-set/colour/red"]) {
      const answer = await browser.post(path);
      expect(answer.status).toBe(200);
      expect(answer.setCookies).toEqual([]);
    }
    server.thaw();
    await untilItServes(browser);
    expect(browser.jar.valueOf(cookieName)).toBe(id);
    expect((await browser.get("/fields")).json()).toEqual({ userId: "ann" });
  });

  test("where it goes on, a stranger's write is dropped, and sends no cookie", async () => {
    const { stage } = await outage(open, "anonymous", "freeze");
    const answer = await stage.browser().post("/set/colour/red");
    expect(answer.status).toBe(200);
    expect(answer.json()).toEqual({ ok: true });
    expect(answer.setCookies).toEqual([]);
  });
}

async function outage(
  open: OpenStage,
  onStoreError: "fail" | "anonymous",
  how: "freeze" | "kill",
): Promise<Outage> {
  const server = await startedRedis();
  const cache = { location: server.url(), commandTimeout: `${timeoutMs}ms` };
  const stage = await open({ onStoreError, cache });
  const browser = stage.browser();
  await browser.post("/login/ann");
  if (how === "kill") await server.kill();
  else server.freeze();
  return { server, stage, browser };
}

async function timed(call: () => Promise<Answer>) {
  const startedMs = performance.now();
  const answer = await call();
  return { answer, tookMs: performance.now() - startedMs };
}

async function untilItServes(browser: Browser): Promise<void> {
  const isServed = async (): Promise<boolean> => {
    const answer = await browser.get("/me");
    return answer.status === 200 && answer.body.includes('"ann"');
  };
  await until("the session is served again", isServed, 10_000);
}
