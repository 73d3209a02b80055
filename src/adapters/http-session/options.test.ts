import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../contracts/errors.ts";
import { createCache } from "../../create-cache.ts";
import { createSessions } from "../../sessions/index.ts";
import { resolveHttpSession, type SessionCookieOptions } from "./options.ts";

const sessions = createSessions({ cache: createCache({ location: "memory:" }) });
const long = "x".repeat(32);

function cookieOf(cookie: SessionCookieOptions) {
  return resolveHttpSession({ sessions, cookie }).cookie;
}

/** Resolves options that the types forbid. */
function resolveAnything(options: unknown) {
  return resolveHttpSession(options as Parameters<typeof resolveHttpSession>[0]);
}

function cookieOfAnything(cookie: unknown) {
  return () => resolveAnything({ sessions, cookie });
}

describe("the options of a session middleware", () => {
  test("fall back to the safe ones", () => {
    expect(resolveHttpSession({ sessions })).toEqual({
      sessions,
      onStoreError: "fail",
      cookie: {
        name: "sessionid",
        path: "/",
        domain: undefined,
        secure: "auto",
        sameSite: "lax",
        httpOnly: true,
        partitioned: false,
        secrets: [],
      },
    });
  });

  test("that are undefined count as not given", () => {
    const cookie = { name: undefined, secure: undefined, secrets: undefined };
    expect(resolveHttpSession({ sessions, cookie, onStoreError: undefined })).toEqual(
      resolveHttpSession({ sessions }),
    );
  });

  test.each([undefined, null, "sessions", 7, []])("are an object, not %j", (options) => {
    expect(() => resolveAnything(options)).toThrow(TypeError);
  });

  test.each([undefined, null, {}, { load: true }])("need sessions, not %j", (wrong) => {
    expect(() => resolveAnything({ sessions: wrong })).toThrow("createSessions()");
  });

  test("that nobody knows are refused, those of the cookie too", () => {
    expect(() => resolveAnything({ sessions, secret: long })).toThrow(ConfigurationError);
    expect(cookieOfAnything({ maxAge: 1 })).toThrow(ConfigurationError);
  });

  test.each(["ignore", "", null, true])("onStoreError is no %j", (onStoreError) => {
    expect(() => resolveAnything({ sessions, onStoreError })).toThrow(TypeError);
  });
});

describe("the options of the cookie", () => {
  test.each(["sid", "__Secure-sid", "a.b", "!#$%&'*+-.^_`|~"])("take the name %j", (name) => {
    expect(cookieOf({ name, secure: true }).name).toBe(name);
  });

  test.each(["", "a b", "a;b", "a=b", "a,b", 'a"b', "a\nb", "a\r\nSet-Cookie: b", "é", 7])(
    "refuse the name %j",
    (name) => {
      expect(cookieOfAnything({ name })).toThrow(TypeError);
    },
  );

  test.each(["/", "/shop", "/a b/c", "/%20"])("take the path %j", (path) => {
    expect(cookieOf({ path }).path).toBe(path);
  });

  test.each(["", "shop", "/;a", "/\n", "/\r\nSet-Cookie: a=b", "/é", null])(
    "refuse the path %j",
    (path) => {
      expect(cookieOfAnything({ path })).toThrow(TypeError);
    },
  );

  test.each(["shop.example", ".shop.example", "localhost", "a-b.c"])(
    "take the domain %j",
    (domain) => {
      expect(cookieOf({ domain }).domain).toBe(domain);
    },
  );

  test.each(["", ".", "a..b", "a b", "a;b", "https://a.b", "a\n", null])(
    "refuse the domain %j",
    (domain) => {
      expect(cookieOfAnything({ domain })).toThrow(TypeError);
    },
  );

  test.each([
    { secure: "yes" },
    { secure: null },
    { sameSite: true },
    { sameSite: "Lax" },
    { httpOnly: "yes" },
    { partitioned: 1 },
  ])("refuse %j", (cookie) => {
    expect(cookieOfAnything(cookie)).toThrow(TypeError);
  });

  test.each<SessionCookieOptions>([
    { sameSite: "none" },
    { sameSite: "none", secure: false },
    { partitioned: true },
    { name: "__Host-sid" },
    { name: "__Secure-sid" },
    { name: "__Secure-sid", secure: false },
    { name: "__Host-sid", secure: true, path: "/shop" },
    { name: "__Host-sid", secure: true, domain: "shop.example" },
  ])("refuse what browsers would drop: %j", (cookie) => {
    expect(() => cookieOf(cookie)).toThrow(ConfigurationError);
  });

  test.each<SessionCookieOptions>([
    { sameSite: "none", secure: true },
    { partitioned: true, secure: true },
    { name: "__Host-sid", secure: true },
    { name: "__Secure-sid", secure: true, path: "/shop", domain: "shop.example" },
  ])("take what browsers take: %j", (cookie) => {
    expect(cookieOf(cookie)).toMatchObject(cookie);
  });
});

describe("the secrets of the cookie", () => {
  test("are one or several", () => {
    expect(cookieOf({ secrets: long }).secrets).toEqual([long]);
    expect(cookieOf({ secrets: [long, `${long}2`] }).secrets).toEqual([long, `${long}2`]);
    expect(cookieOf({ secrets: [] }).secrets).toEqual([]);
  });

  test.each(["", "x".repeat(31), [long, "short"], [long, undefined], null, 7])(
    "are long texts, not %j",
    (secrets) => {
      expect(cookieOfAnything({ secrets })).toThrow(TypeError);
    },
  );

  test("are not in the message about them", () => {
    expect(cookieOfAnything({ secrets: ["hunter2"] })).not.toThrow("hunter2");
    expect(cookieOfAnything({ secrets: ["hunter2"] })).toThrow("at least 32 characters");
  });
});
