import { expect, test } from "vitest";
import { muteErrors } from "../support/muted-errors.ts";
import type { OpenStage, StageOptions } from "../support/stage.ts";
import { idOf } from "./cookie.ts";

/** What of a request that fails is kept. */
export function testFailedRequests(open: OpenStage): void {
  muteErrors();

  test.each(["/fail/colour/red", "/throw/colour/red"])(
    "%s stores nothing of a stranger, and sends no cookie",
    async (path) => {
      const stage = await open();
      const browser = stage.browser();
      const answer = await browser.post(path);
      expect(answer.status).toBe(500);
      expect(answer.setCookies).toEqual([]);
      expect(await stage.storedKeys()).toEqual([]);
    },
  );

  test.each(["/fail/colour/red", "/throw/colour/red"])(
    "%s leaves a session as it was",
    async (path) => {
      const { stage, browser } = await withSession(open);
      const answer = await browser.post(path);
      expect(answer.status).toBe(500);
      expect(answer.setCookies).toEqual([]);
      expect((await stage.sessions.load(idOf(browser))).entries()).toEqual([["size", "large"]]);
      expect((await browser.get("/fields")).json()).toEqual({ size: "large" });
    },
  );

  test("the answer of a handler that fails arrives as it was written", async () => {
    const stage = await open();
    expect((await stage.browser().post("/fail/colour/red")).json()).toEqual({ failed: true });
  });

  test("what a handler saved before it failed is stored, and its cookie sent", async () => {
    const stage = await open();
    const browser = stage.browser();
    const answer = await browser.post("/save-then-fail/colour/red");
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toHaveLength(1);
    expect((await browser.get("/fields")).json()).toEqual({ colour: "red" });
  });

  test("a session that grew too large answers 500, and is left as it was", async () => {
    const { stage, browser } = await withSession(open, { sessions: { maxBytes: 100 } });
    const answer = await browser.post(`/set/colour/${"r".repeat(200)}`);
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toEqual([]);
    expect((await stage.sessions.load(idOf(browser))).entries()).toEqual([["size", "large"]]);
  });

  test("a stranger's session that is too large answers 500, and no cookie", async () => {
    const stage = await open({ sessions: { maxBytes: 100 } });
    const answer = await stage.browser().post(`/set/colour/${"r".repeat(200)}`);
    expect(answer.status).toBe(500);
    expect(answer.setCookies).toEqual([]);
    expect(await stage.storedKeys()).toEqual([]);
  });

  test("a request that failed does not hinder the next", async () => {
    const { browser } = await withSession(open);
    expect((await browser.post("/throw/colour/red")).status).toBe(500);
    expect((await browser.post("/set/colour/red")).status).toBe(200);
    expect((await browser.get("/fields")).json()).toEqual({ size: "large", colour: "red" });
  });
}

async function withSession(open: OpenStage, options?: StageOptions) {
  const stage = await open(options);
  const browser = stage.browser();
  await browser.post("/set/size/large");
  await stage.pass(5);
  return { stage, browser };
}
