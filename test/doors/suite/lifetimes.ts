import { expect, test } from "vitest";
import type { OpenStage } from "../support/stage.ts";
import { expectCookieCleared, expectDead, expectOneCookie, idOf } from "./cookie.ts";

/** How long sessions and their cookies last. */
export function testLifetimes(open: OpenStage): void {
  test("a session is gone once its lifetime has passed", async () => {
    const stage = await open({ sessions: { ttl: "300ms" } });
    const browser = stage.browser();
    await browser.post("/login/ann");
    const id = idOf(browser);
    await stage.pass(400);
    await expectDead(id, stage.browser());
  });

  test("a session that was given an end of its own is gone then", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/login/ann");
    const id = idOf(browser);
    expect(expectOneCookie(await browser.post("/expiry/0.3")).get("max-age")).toBe("1");
    await stage.pass(400);
    await expectDead(id, stage.browser());
  });

  test("a session that ends with the browser has a cookie without an end, and keeps it", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    for (const path of ["/expiry/0", "/set/colour/blue"]) {
      await stage.pass(5);
      const attributes = expectOneCookie(await browser.post(path));
      expect([...attributes.keys()]).not.toContain("max-age");
      expect([...attributes.keys()]).not.toContain("expires");
    }
    expect((await browser.get("/fields")).json()).toEqual({ colour: "blue" });
  });

  test("an end that has passed ends the session at once", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/login/ann");
    const id = idOf(browser);
    expectCookieCleared(await browser.post("/expiry/-5"));
    await expectDead(id, stage.browser());
  });

  test("the cookie lasts no longer than a session lives in all", async () => {
    const stage = await open({ sessions: { ttl: "1h", absoluteTtl: 29.5, rolling: true } });
    const browser = stage.browser();
    const first = expectOneCookie(await browser.post("/set/colour/red"));
    expect(first.get("max-age")).toBe("30");
    await stage.pass(600);
    const second = expectOneCookie(await browser.get("/me"));
    expect(Number(second.get("max-age"))).toBeLessThan(30);
  });

  test.each(["/public", "/me", "/stream"])(
    "a rolling session is extended, and its cookie sent, by %s",
    async (path) => {
      const stage = await open({ sessions: { ttl: 10, rolling: true } });
      const browser = stage.browser();
      await browser.post("/set/colour/red");
      await stage.pass(200);
      const before = await stage.sessions.load(idOf(browser));
      expect(before.remainingMs).toBeLessThanOrEqual(9_800);
      const attributes = expectOneCookie(await browser.get(path));
      expect(attributes.get("max-age")).toBe("10");
      const after = await stage.sessions.load(idOf(browser));
      expect(after.remainingMs).toBeGreaterThan(before.remainingMs);
    },
  );

  test("a rolling session that needs no extending sends its cookie all the same", async () => {
    const stage = await open({ sessions: { ttl: "1h", rolling: true } });
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    expect(expectOneCookie(await browser.get("/me")).has("max-age")).toBe(true);
  });

  test("where sessions roll, strangers get no cookie and store nothing", async () => {
    const stage = await open({ sessions: { rolling: true } });
    expect((await stage.browser().get("/me")).setCookies).toEqual([]);
    expect(await stage.storedKeys()).toEqual([]);
  });
}
