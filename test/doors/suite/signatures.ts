import { expect, test } from "vitest";
import { sign } from "../../../src/adapters/http-session/signature.ts";
import type { OpenStage } from "../support/stage.ts";
import {
  cookieName,
  expectCookieCleared,
  expectOneCookie,
  expectStranger,
  idOf,
  presenting,
} from "./cookie.ts";

const secret = "a secret of this test, long enough.";
const newSecret = "another of its secrets, long enough.";

/** Cookies that are signed. */
export function testSignatures(open: OpenStage): void {
  const signed = { cookie: { secrets: secret } };

  test("a signed cookie carries the id and its signature, and opens the session", async () => {
    const stage = await open(signed);
    const browser = stage.browser();
    await browser.post("/login/ann");
    expect(idOf(browser)).toMatch(/^[\w-]{46}\.[\w-]{43}$/);
    expect((await browser.get("/me")).json()).toMatchObject({ user: "ann" });
    expect((await browser.get("/me")).setCookies).toEqual([]);
  });

  test.each<[string, (id: string, signature: string) => string]>([
    ["no signature", (id) => id],
    ["an empty signature", (id) => `${id}.`],
    ["a signature cut short", (id, signature) => `${id}.${signature.slice(0, -1)}`],
    ["a signature with more behind it", (id, signature) => `${id}.${signature}a`],
    ["a signature of letters", (id) => `${id}.${"a".repeat(43)}`],
    ["another's signature", (id) => `${id}.${sign(cookieName, id, newSecret)}`],
    ["the signature of another cookie", (id) => `${id}.${sign("other", id, secret)}`],
    ["the signature of another id", (id, signature) => `${otherThan(id)}.${signature}`],
    ["nothing but a signature", (_id, signature) => `.${signature}`],
  ])("%s is refused without asking the store", async (_what, forge) => {
    const stage = await open(signed);
    const browser = stage.browser();
    await browser.post("/login/ann");
    const [id = "", signature = ""] = idOf(browser).split(".");
    const answer = await stage.browser().get("/me", presenting(forge(id, signature)));
    expectStranger(answer);
    expectCookieCleared(answer);
    expect(stage.asked).toEqual([undefined, undefined]);
  });

  test("a cookie signed with a secret on its way out opens the session, and is signed anew", async () => {
    const before = await open(signed);
    const browser = before.browser();
    await browser.post("/login/ann");
    const old = idOf(browser);
    const during = (await before.second({ cookie: { secrets: [newSecret, secret] } })).browser({
      jar: browser.jar,
    });
    const answer = await during.get("/me");
    expect(answer.json()).toMatchObject({ user: "ann" });
    expect(Number(expectOneCookie(answer).get("max-age"))).toBeGreaterThan(1_000_000);
    expect(idOf(browser).split(".")[0]).toBe(old.split(".")[0]);
    expect(idOf(browser)).not.toBe(old);
    expect((await during.get("/me")).setCookies).toEqual([]);

    const after = await before.second({ cookie: { secrets: newSecret } });
    expect((await after.browser({ jar: browser.jar }).get("/me")).json()).toMatchObject({
      user: "ann",
    });
    expectStranger(await after.browser().get("/me", presenting(old)));
  });
}

function otherThan(id: string): string {
  return `${id.startsWith("A") ? "B" : "A"}${id.slice(1)}`;
}
