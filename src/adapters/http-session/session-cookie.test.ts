import { beforeEach, describe, expect, test, vi } from "vitest";
import { createCache } from "../../create-cache.ts";
import { createSessions } from "../../sessions/index.ts";
import { type CookieRules, resolveHttpSession, type SessionCookieOptions } from "./options.ts";
import { SessionCookie } from "./session-cookie.ts";
import { sign } from "./signature.ts";

const sessions = createSessions({ cache: createCache({ location: "memory:" }) });
const id = "A".repeat(46);
const otherId = "B".repeat(46);
const secret = "a secret of this test, long enough.";
const newSecret = "another of its secrets, long enough.";

function cookieOf(options: SessionCookieOptions = {}): SessionCookie {
  return new SessionCookie(rulesOf(options));
}

function rulesOf(cookie: SessionCookieOptions): CookieRules {
  return resolveHttpSession({ sessions, cookie }).cookie;
}

function signed(value: string, by: string, name = "sessionid"): string {
  return `${value}.${sign(name, value, by)}`;
}

describe("the session cookie as it is read", () => {
  const nothing = { id: undefined, isPresent: false, isStale: false };
  const strange = { id: undefined, isPresent: true, isStale: false };
  const ours = { id, isPresent: true, isStale: false };

  test.each<[string, string | undefined, object]>([
    ["no header", undefined, nothing],
    ["other cookies", "theme=dark", nothing],
    ["an id", `sessionid=${id}`, ours],
    ["an id in quotes", `sessionid="${id}"`, ours],
    ["an empty one", "sessionid=", strange],
    ["one that is no id", "sessionid=junk", strange],
    ["one that is a letter too long", `sessionid=${id}A`, strange],
    ["one with a letter that ids have not", `sessionid=${id.slice(1)}+`, strange],
    ["no id before an id", `sessionid=junk; sessionid=${id}`, ours],
    ["no id after an id", `sessionid=${id}; sessionid=junk`, ours],
    ["two ids", `sessionid=${id}; sessionid=${otherId}`, ours],
  ])("%s", (_what, header, presented) => {
    expect(cookieOf().read(header)).toEqual(presented);
  });

  test.each<[string, string, object]>([
    ["a signed id", signed(id, newSecret), ours],
    ["an id signed with the older secret", signed(id, secret), { ...ours, isStale: true }],
    ["an id alone", id, strange],
    ["an id signed by somebody else", signed(id, `${secret}!`), strange],
    ["an id signed for another cookie", signed(id, newSecret, "other"), strange],
    ["an empty signature", `${id}.`, strange],
    ["a signature without an id", `.${sign("sessionid", id, newSecret)}`, strange],
    ["nothing but a dot", ".", strange],
    ["two signatures", `${signed(id, newSecret)}.${sign("sessionid", id, newSecret)}`, strange],
  ])("where cookies are signed: %s", (_what, value, presented) => {
    const cookie = cookieOf({ secrets: [newSecret, secret] });
    expect(cookie.read(`sessionid=${value}`)).toEqual(presented);
  });

  test("where cookies are signed, a forged one does not hide ours", () => {
    const header = `sessionid=${otherId}.forged; sessionid=${signed(id, secret)}`;
    expect(cookieOf({ secrets: secret }).read(header)).toEqual(ours);
  });
});

describe("the session cookie as it is written", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse("2026-03-01T12:00:00.000Z"), toFake: ["Date"] });
    return () => vi.useRealTimers();
  });

  test("is for the whole host, out of reach of scripts and of foreign forms", () => {
    expect(cookieOf().write(id, 60_000, false)).toBe(
      `sessionid=${id}; Max-Age=60; Expires=Sun, 01 Mar 2026 12:01:00 GMT; Path=/; HttpOnly; SameSite=Lax`,
    );
  });

  test("has no end where it ends with the browser", () => {
    expect(cookieOf().write(id, "browser", false)).toBe(
      `sessionid=${id}; Path=/; HttpOnly; SameSite=Lax`,
    );
  });

  test.each([
    [60_000, 60],
    [59_001, 60],
    [60_001, 61],
    [1, 1],
    [0, 1],
  ])("of %d ms lasts %d s: no shorter than its session, and never nothing", (ms, seconds) => {
    expect(cookieOf().write(id, ms, false)).toContain(`; Max-Age=${seconds};`);
  });

  test.each<[boolean | "auto", boolean, boolean]>([
    ["auto", false, false],
    ["auto", true, true],
    [true, false, true],
    [false, true, false],
  ])("with secure %j, of a request by https %j, is Secure: %j", (secure, byHttps, isSecure) => {
    const cookie = cookieOf({ secure });
    expect(cookie.write(id, "browser", byHttps).includes("; Secure")).toBe(isSecure);
    expect(cookie.clear(byHttps).includes("; Secure")).toBe(isSecure);
  });

  test("carries a signature where there are secrets, by the first", () => {
    const written = cookieOf({ secrets: [newSecret, secret] }).write(id, "browser", false);
    expect(written).toContain(`sessionid=${signed(id, newSecret)};`);
  });

  test("has every attribute that was asked for, in the clearing too", () => {
    const cookie = cookieOf({
      name: "sid",
      path: "/shop",
      domain: "shop.example",
      secure: true,
      sameSite: "none",
      httpOnly: false,
      partitioned: true,
    });
    const attributes = "; Domain=shop.example; Path=/shop; Secure; SameSite=None; Partitioned";
    expect(cookie.write(id, "browser", false)).toBe(`sid=${id}${attributes}`);
    expect(cookie.clear(false)).toBe(
      `sid=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT${attributes}`,
    );
  });

  test("is read back as it was written", () => {
    for (const options of [{}, { secrets: secret }]) {
      const cookie = cookieOf(options);
      const [pair] = cookie.write(id, 1_000, true).split(";", 1);
      expect(cookie.read(pair)).toEqual({ id, isPresent: true, isStale: false });
    }
  });
});
