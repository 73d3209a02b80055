import { expect, test } from "vitest";
import type { OpenStage } from "../support/stage.ts";
import { cookieName, expectOneCookie, idOf } from "./cookie.ts";

/** When the cookie is sent, and what it says. */
export function testCookies(open: OpenStage): void {
  test.each([
    ["GET", "/public"],
    ["GET", "/me"],
    ["HEAD", "/me"],
    ["GET", "/fields"],
    ["GET", "/stream"],
    ["GET", "/big"],
    ["POST", "/delete/nothing"],
    ["POST", "/expiry/60"],
    ["POST", "/logout"],
  ])("a stranger gets no cookie by %s %s, and nothing is stored", async (method, path) => {
    const stage = await open();
    const answer = await stage.browser().send(method, path);
    expect(answer.status).toBeLessThan(300);
    expect(answer.setCookies).toEqual([]);
    expect(await stage.storedKeys()).toEqual([]);
  });

  test("the first write stores the session and sets its cookie", async () => {
    const stage = await open();
    const browser = stage.browser();
    const answer = await browser.post("/set/colour/red");
    expect(answer.json()).toEqual({ ok: true });
    expect(answer.setCookies).toHaveLength(1);
    expect(answer.setCookies[0]).toMatch(/^sessionid=[\w-]{46};/);
    expect((await stage.sessions.load(idOf(browser))).entries()).toEqual([["colour", "red"]]);
  });

  test("the cookie is for this host alone, out of reach of scripts and of foreign forms", async () => {
    const stage = await open();
    const attributes = expectOneCookie(await stage.browser().post("/set/colour/red"));
    const names = ["expires", "httponly", "max-age", "path", "samesite"];
    expect([...attributes.keys()].toSorted()).toEqual(names); // neither Domain nor, by http, Secure
    expect(attributes.get("path")).toBe("/");
    expect(attributes.get("samesite")).toBe("Lax");
  });

  test("the cookie lasts as long as the session, by Max-Age and by Expires", async () => {
    const stage = await open({ sessions: { ttl: "1h" } });
    const beforeMs = Date.now();
    const attributes = expectOneCookie(await stage.browser().post("/set/colour/red"));
    const maxAge = Number(attributes.get("max-age"));
    expect(maxAge).toBeGreaterThan(3_590);
    expect(maxAge).toBeLessThanOrEqual(3_600);
    const endsAtMs = Date.parse(attributes.get("expires") ?? "");
    expect(endsAtMs).toBeGreaterThan(beforeMs + (maxAge - 2) * 1_000);
    expect(endsAtMs).toBeLessThanOrEqual(Date.now() + maxAge * 1_000);
  });

  test("the store learns no id", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/login/ann");
    const keys = await stage.storedKeys();
    expect(keys.length).toBeGreaterThan(0);
    expect(keys.filter((key) => key.includes(idOf(browser)))).toEqual([]);
  });

  test.each(["/public", "/me", "/fields", "/stream", "/nowhere"])(
    "a session that %s leaves as it was is not stored again, and its cookie not sent",
    async (path) => {
      const stage = await open({ sessions: { ttl: 60 } });
      const browser = stage.browser();
      await browser.post("/set/colour/red");
      await stage.pass(10);
      const { remainingMs } = await stage.sessions.load(idOf(browser));
      expect((await browser.get(path)).setCookies).toEqual([]);
      expect((await stage.sessions.load(idOf(browser))).remainingMs).toBeLessThanOrEqual(
        remainingMs,
      );
    },
  );

  test("each write sends the cookie again, with the session's new end", async () => {
    const stage = await open({ sessions: { ttl: 60 } });
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    const id = idOf(browser);
    await stage.pass(20);
    const attributes = expectOneCookie(await browser.post("/set/colour/blue"));
    expect(attributes.get("max-age")).toBe("60");
    expect(browser.jar.valueOf(cookieName)).toBe(id);
  });

  test("what changed inside of a value is stored", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/push/tea");
    expect((await browser.post("/push/cake")).json()).toEqual({ cart: ["tea", "cake"] });
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea", "cake"] });
  });

  test("a removed field stays removed, and its session lives", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    await browser.post("/set/size/large");
    expect((await browser.post("/delete/colour")).json()).toEqual({ deleted: true });
    expect((await browser.post("/delete/colour")).json()).toEqual({ deleted: false });
    expect((await browser.get("/fields")).json()).toEqual({ size: "large" });
  });
}
