import { expect, test } from "vitest";
import type { OpenStage } from "../support/stage.ts";
import { expectCookieCleared, expectDead, expectStranger, idOf, presenting } from "./cookie.ts";

const unknown = "a".repeat(46);

/** Cookies that are none of ours, and cookies in odd company. */
export function testStrangeCookies(open: OpenStage): void {
  test.each([
    ["an unknown id", unknown],
    ["a short one", "abc"],
    ["an empty one", ""],
    ["an empty one in quotes", '""'],
    ["one that is too long by a letter", `${unknown}a`],
    ["ten thousand letters", "a".repeat(10_000)],
    ["other characters", "%00*{}[]()/@:?&=%20..".padEnd(46, "*")],
    ["a name that objects have", "__proto__"],
    ["an id with a signature that nobody asked for", `${unknown}.${unknown}`],
  ])("%s is a stranger's, taken away, and stores nothing", async (_what, value) => {
    const stage = await open();
    const answer = await stage.browser().get("/me", presenting(value));
    expectStranger(answer);
    expectCookieCleared(answer);
    expect(await stage.storedKeys()).toEqual([]);
  });

  test("an id that the visitor chose is never made one of ours", async () => {
    const stage = await open();
    const browser = stage.browser();
    await browser.post("/login/ann", presenting(unknown));
    expect(idOf(browser)).not.toBe(unknown);
    expect((await browser.get("/me")).json()).toMatchObject({ user: "ann" });
    await expectDead(unknown, stage.browser());
  });

  test("an id in quotes is that id", async () => {
    const { id, read } = await withSession(open);
    expect(await read(`sessionid="${id}"`)).toEqual({ colour: "red" });
  });

  test.each([
    ["before it", (id: string) => `theme=dark; sessionid=${id}`],
    ["after it", (id: string) => `sessionid=${id}; theme=dark`],
    ["without spaces", (id: string) => `theme=dark;sessionid=${id};lang=en`],
    ["with odd spaces", (id: string) => `theme=dark ;  sessionid = ${id} ; lang=en`],
    ["without a value", (id: string) => `theme; sessionid=${id};`],
    ["with names like ours", (id: string) => `xsessionid=1; sessionid2=2; sessionid=${id}`],
    ["of our name, before it, no id", (id: string) => `sessionid=junk; sessionid=${id}`],
    ["of our name, after it, no id", (id: string) => `sessionid=${id}; sessionid=junk`],
    ["of our name, empty", (id: string) => `sessionid=; sessionid=${id}`],
  ])("other cookies do not hide the session's: %s", async (_where, cookies) => {
    const { id, read } = await withSession(open);
    expect(await read(cookies(id))).toEqual({ colour: "red" });
  });

  test("of two ids the first counts, the one of the closest path", async () => {
    const { id, read, stage } = await withSession(open);
    const other = stage.browser();
    await other.post("/set/colour/blue");
    expect(await read(`sessionid=${idOf(other)}; sessionid=${id}`)).toEqual({ colour: "blue" });
  });

  test.each(["SESSIONID", "sessionid2", "xsessionid", "theme"])(
    "a cookie named %s is left alone",
    async (name) => {
      const { id, stage } = await withSession(open);
      const answer = await stage.browser().get("/me", { headers: { cookie: `${name}=${id}` } });
      expectStranger(answer);
      expect(answer.setCookies).toEqual([]);
    },
  );
}

async function withSession(open: OpenStage) {
  const stage = await open();
  const browser = stage.browser();
  await browser.post("/set/colour/red");
  const read = async (cookie: string): Promise<unknown> =>
    (await stage.browser().get("/fields", { headers: { cookie } })).json();
  return { stage, id: idOf(browser), read };
}
