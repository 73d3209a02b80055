import { expect, test } from "vitest";
import type { Browser } from "../support/browser.ts";
import type { OpenStage } from "../support/stage.ts";
import { expectCookieCleared, expectDead, expectStranger, idOf } from "./cookie.ts";

/** What logging in and out does to the session and its id. */
export function testLogins(open: OpenStage): void {
  test("a login gives a new id, keeps what there was, and the old id is dead", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/push/tea");
    const oldId = idOf(browser);
    expect((await browser.post("/login/ann")).json()).toEqual({ user: "ann" });
    expect(idOf(browser)).not.toBe(oldId);
    expect((await browser.get("/fields")).json()).toEqual({ cart: ["tea"], userId: "ann" });
    await expectDead(oldId, stage.browser());
  });

  test("a login sends exactly one cookie, that of the new id", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/push/tea");
    const { setCookies } = await browser.post("/login/ann");
    expect(setCookies).toHaveLength(1);
    expect(setCookies[0]).toContain(`=${idOf(browser)};`);
    expect((await stage.sessions.load(idOf(browser))).get("userId")).toBe("ann");
  });

  test("a new id without a login is sent too, for a stranger as well", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/regenerate");
    const first = idOf(browser);
    await browser.post("/regenerate");
    expect(idOf(browser)).not.toBe(first);
    await expectDead(first, stage.browser());
  });

  test("a logout takes the cookie away, and the id is dead", async () => {
    const stage = await open();
    const browser = await loggedIn(stage.browser(), "ann");
    const id = idOf(browser);
    const answer = await browser.post("/logout");
    expect(answer.status).toBe(204);
    expect(answer.body).toBe("");
    expectCookieCleared(answer);
    expect(browser.jar.headerFor("/")).toBeUndefined();
    expectStranger(await browser.get("/me"));
    await expectDead(id, stage.browser());
  });

  test("a write with a cookie that was logged out makes another session", async () => {
    const stage = await open();
    const browser = await loggedIn(stage.browser(), "ann");
    const id = idOf(browser);
    await browser.post("/logout");
    const replaying = stage.browser();
    const cookie = `sessionid=${id}`;
    await replaying.post("/set/colour/red", { headers: { cookie } });
    expect(idOf(replaying)).not.toBe(id);
    expect((await replaying.get("/fields")).json()).toEqual({ colour: "red" });
    await expectDead(id, stage.browser());
  });

  test("a logout everywhere ends the user's other sessions too, and nobody else's", async () => {
    const stage = await open();
    const here = await loggedIn(stage.browser(), "ann");
    const there = await loggedIn(stage.browser(), "ann");
    const other = await loggedIn(stage.browser(), "bob");
    expect((await here.post("/logout-everywhere")).json()).toEqual({ destroyed: 2 });
    expectStranger(await here.get("/me"));
    expectStranger(await there.get("/me"));
    expect((await other.get("/me")).json()).toMatchObject({ user: "bob" });
  });

  test("a login after a logout everywhere lives", async () => {
    const stage = await open();
    const browser = await loggedIn(stage.browser(), "ann");
    await browser.post("/logout-everywhere");
    await browser.post("/login/ann");
    expect((await browser.get("/me")).json()).toMatchObject({ user: "ann", new: false });
  });
}

async function loggedIn(browser: Browser, user: string): Promise<Browser> {
  await browser.post(`/login/${user}`);
  return browser;
}
