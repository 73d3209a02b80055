import { expect, test } from "vitest";
import type { Answer, Browser } from "../support/browser.ts";
import type { OpenStage } from "../support/stage.ts";

/** What keeps answers out of caches that many visitors share. */
export function testSharedCaches(open: OpenStage): void {
  const personal = [
    ["GET", "/me"],
    ["HEAD", "/me"],
    ["GET", "/fields"],
    ["GET", "/stream"],
    ["GET", "/big"],
    ["POST", "/set/colour/red"],
    ["POST", "/push/tea"],
    ["POST", "/delete/nothing"],
    ["POST", "/login/ann"],
    ["POST", "/regenerate"],
    ["POST", "/stream-set/colour/red"],
    ["POST", "/save-then-fail/colour/red"],
  ] as const;

  test.each(personal)("%s %s is for its visitor alone: a stranger", async (method, path) => {
    const stage = await open();
    expectPersonal(await stage.browser().send(method, path));
  });

  test.each([...personal, ["POST", "/expiry/60"], ["POST", "/logout"]] as const)(
    "%s %s is for its visitor alone: one with a session",
    async (method, path) => {
      const stage = await open();
      const browser = await visitor(stage.browser());
      await stage.pass(5);
      expectPersonal(await browser.send(method, path));
    },
  );

  test("what looks at no session is for everybody: a stranger", async () => {
    const stage = await open();
    expectForEverybody(await stage.browser().get("/public"));
  });

  test("what looks at no session is for everybody: one with a session", async () => {
    const stage = await open();
    const browser = await visitor(stage.browser());
    expectForEverybody(await browser.get("/public"));
  });

  test("an answer that takes a dead cookie away is for its visitor alone", async () => {
    const stage = await open();
    const cookie = `sessionid=${"a".repeat(46)}`;
    expectPersonal(await stage.browser().get("/public", { headers: { cookie } }));
  });
}

async function visitor(browser: Browser): Promise<Browser> {
  await browser.post("/login/ann");
  return browser;
}

function expectPersonal(answer: Answer): void {
  expect(valuesOf(answer, "vary").map((value) => value.toLowerCase())).toEqual(["cookie"]);
  expect(valuesOf(answer, "cache-control")).toEqual(["private"]);
}

function expectForEverybody(answer: Answer): void {
  expect(answer.json()).toEqual({ public: true });
  expect(valuesOf(answer, "vary")).toEqual([]);
  expect(valuesOf(answer, "cache-control")).toEqual([]);
  expect(answer.setCookies).toEqual([]);
}

/** Returns the values of a header, one per line of the answer's head. */
function valuesOf({ rawHeaders }: Answer, name: string): string[] {
  return rawHeaders.filter(
    (_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name,
  );
}
