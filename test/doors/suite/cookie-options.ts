import { expect, test } from "vitest";
import type { SessionCookieOptions } from "../../../src/adapters/http-session/options.ts";
import type { OpenStage } from "../support/stage.ts";

/** The options of the cookie, each with the whole cookie that they make, but for its value and end. */
const looks: readonly (readonly [SessionCookieOptions, string])[] = [
  [{}, "sessionid; Path=/; HttpOnly; SameSite=Lax"],
  [{ name: "sid" }, "sid; Path=/; HttpOnly; SameSite=Lax"],
  [{ path: "/shop" }, "sessionid; Path=/shop; HttpOnly; SameSite=Lax"],
  [{ domain: "shop.example" }, "sessionid; Domain=shop.example; Path=/; HttpOnly; SameSite=Lax"],
  [{ secure: true }, "sessionid; Path=/; HttpOnly; Secure; SameSite=Lax"],
  [{ secure: false }, "sessionid; Path=/; HttpOnly; SameSite=Lax"],
  [{ httpOnly: false }, "sessionid; Path=/; SameSite=Lax"],
  [{ sameSite: "strict" }, "sessionid; Path=/; HttpOnly; SameSite=Strict"],
  [{ sameSite: "none", secure: true }, "sessionid; Path=/; HttpOnly; Secure; SameSite=None"],
  [{ name: "__Host-sid", secure: true }, "__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax"],
  [
    { partitioned: true, secure: true },
    "sessionid; Path=/; HttpOnly; Secure; SameSite=Lax; Partitioned",
  ],
];

/** What the options of the cookie do to it. */
export function testCookieOptions(open: OpenStage): void {
  test.each(looks)("with %j the cookie is %s", async (cookie, look) => {
    const stage = await open({ cookie });
    expect(lookOf(await stage.browser().post("/set/colour/red"))).toEqual(partsOf(look));
  });

  test.each(looks)("with %j it is taken away as it was given: %s", async (cookie, look) => {
    const stage = await open({ cookie });
    const headers = { cookie: `${cookie.name ?? "sessionid"}=${"a".repeat(46)}` };
    const answer = await stage.browser().get("/me", { headers });
    expect(answer.setCookies[0]).toContain("=; Max-Age=0;");
    expect(lookOf(answer)).toEqual(partsOf(look));
  });

  test("a browser that trusts this machine keeps a __Host- cookie and is known by it", async () => {
    const stage = await open({ cookie: { name: "__Host-sid", secure: true } });
    const browser = stage.browser({ trustsHttp: true });
    await browser.post("/login/ann");
    expect((await browser.get("/me")).json()).toMatchObject({ user: "ann" });
    await browser.post("/logout");
    expect(browser.jar.valueOf("__Host-sid")).toBeUndefined();
  });

  test("a browser sends a cookie with a path to that path alone", async () => {
    const stage = await open({ cookie: { path: "/set" } });
    const browser = stage.browser();
    await browser.post("/set/colour/red");
    expect(browser.jar.headerFor("/set/size/large")).toBeDefined();
    await browser.post("/set/size/large");
    const session = await stage.sessions.load(browser.jar.valueOf("sessionid"));
    expect(session.entries()).toEqual([
      ["colour", "red"],
      ["size", "large"],
    ]);
    expect((await browser.get("/fields")).json()).toEqual({});
  });
}

function lookOf({ setCookies }: { readonly setCookies: readonly string[] }): string[] {
  const [cookie = "", ...attributes] = (setCookies[0] ?? "").split("; ");
  const lasting = attributes.filter((attribute) => !/^(?:Max-Age|Expires)=/.test(attribute));
  return [cookie.split("=", 1)[0] ?? "", ...lasting].toSorted();
}

function partsOf(look: string): string[] {
  return look.split("; ").toSorted();
}
