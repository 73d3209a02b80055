import { requireKnownOptions } from "../../checks/known-options.ts";
import { requireFlag } from "../../checks/require.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { Sessions } from "../../contracts/sessions.ts";

/** The session cookie. */
export interface SessionCookieOptions {
  /**
   * Its name. With `__Host-` or `__Secure-` before it browsers themselves enforce `secure`, and with
   * the former that no other host sets it.
   *
   * @default "sessionid"
   */
  readonly name?: string | undefined;

  /** @default "/" */
  readonly path?: string | undefined;

  /** The domain, for a cookie that subdomains share. @default none: this host alone */
  readonly domain?: string | undefined;

  /** Whether it travels by https only; `"auto"`: when the request came by https. @default "auto" */
  readonly secure?: boolean | "auto" | undefined;

  /** `"none"` needs `secure: true`, as browsers demand. @default "lax" */
  readonly sameSite?: "lax" | "strict" | "none" | undefined;

  /** Whether scripts of the page cannot read it. @default true */
  readonly httpOnly?: boolean | undefined;

  /** Whether it is kept apart per embedding site (CHIPS); needs `secure: true`. @default false */
  readonly partitioned?: boolean | undefined;

  /**
   * Signs the cookie, so that what this application did not make is refused before the store is asked. Of a
   * list, the first signs and all are accepted; a cookie signed with a later one is signed anew. Each
   * of at least 32 characters. Not needed for safety: ids cannot be guessed.
   */
  readonly secrets?: string | readonly string[] | undefined;
}

/** Options of every door's session middleware. */
export interface SessionMiddlewareOptions {
  /** Made by `createSessions`. */
  readonly sessions: Sessions;

  readonly cookie?: SessionCookieOptions | undefined;

  /**
   * What an unreachable store means: the request fails with status 503, or goes on without a session, which is not
   * stored. Requests without a session cookie that store nothing go on in either case.
   *
   * @default "fail"
   */
  readonly onStoreError?: "fail" | "anonymous" | undefined;
}

/** The cookie's options, checked and filled in. */
export interface CookieRules {
  readonly name: string;
  readonly path: string;
  readonly domain: string | undefined;
  readonly secure: boolean | "auto";
  readonly sameSite: "lax" | "strict" | "none";
  readonly httpOnly: boolean;
  readonly partitioned: boolean;
  readonly secrets: readonly string[];
}

/** The options of a session middleware, checked and filled in. */
export interface HttpSessionRules {
  readonly sessions: Sessions;
  readonly cookie: CookieRules;
  readonly onStoreError: "fail" | "anonymous";
}

/** Checks the options and fills in the defaults. @throws ConfigurationError, TypeError */
export function resolveHttpSession(options: SessionMiddlewareOptions): HttpSessionRules {
  requireKnownOptions("the session middleware", options, ["sessions", "cookie", "onStoreError"]);
  const { sessions, cookie = {}, onStoreError = "fail" } = options;
  if (typeof sessions?.load !== "function") {
    throw new TypeError("sessions must be made by createSessions().");
  }
  if (onStoreError !== "fail" && onStoreError !== "anonymous") {
    throw new TypeError('onStoreError must be "fail" or "anonymous".');
  }
  return { sessions, cookie: resolveCookie(cookie), onStoreError };
}

const cookieOptions: Readonly<Record<keyof SessionCookieOptions, true>> = {
  name: true,
  path: true,
  domain: true,
  secure: true,
  sameSite: true,
  httpOnly: true,
  partitioned: true,
  secrets: true,
};

function resolveCookie(options: SessionCookieOptions): CookieRules {
  requireKnownOptions("cookie", options, Object.keys(cookieOptions));
  const { name = "sessionid", path = "/", domain, secure = "auto", sameSite = "lax" } = options;
  const { httpOnly = true, partitioned = false, secrets = [] } = options;
  const rules = {
    name: requireMatch("cookie.name", name, tokenShape),
    path: requireMatch("cookie.path", path, pathShape),
    domain: domain === undefined ? undefined : requireMatch("cookie.domain", domain, domainShape),
    secure: secure === "auto" ? secure : requireFlag("cookie.secure", secure),
    sameSite: requireSameSite(sameSite),
    httpOnly: requireFlag("cookie.httpOnly", httpOnly),
    partitioned: requireFlag("cookie.partitioned", partitioned),
    secrets: requireSecrets(secrets),
  };
  requireSense(rules);
  return rules;
}

/** A cookie's name, by RFC 6265 section 4.1.1. */
const tokenShape = /^[\w!#$%&'*+.^`|~-]+$/;
const pathShape = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const domainShape = /^\.?[\w-]+(?:\.[\w-]+)*$/;

function requireMatch(option: string, value: unknown, shape: RegExp): string {
  if (typeof value === "string" && shape.test(value)) return value;
  const shown = typeof value === "string" ? JSON.stringify(value) : typeof value;
  throw new TypeError(`${option} is not one that a cookie can have: ${shown}.`);
}

function requireSameSite(value: unknown): CookieRules["sameSite"] {
  if (value === "lax" || value === "strict" || value === "none") return value;
  throw new TypeError('cookie.sameSite must be "lax", "strict" or "none".');
}

const shortestSecret = 32;

function requireSecrets(secrets: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(secrets) ? secrets : [secrets];
  return list.map((secret) => {
    if (typeof secret === "string" && secret.length >= shortestSecret) return secret;
    throw new TypeError(
      `cookie.secrets must be texts of at least ${shortestSecret} characters each.`,
    );
  });
}

/** What browsers drop without a word is refused here. */
function requireSense({ name, secure, sameSite, partitioned, path, domain }: CookieRules): void {
  const needsSecure =
    sameSite === "none" ||
    partitioned ||
    name.startsWith("__Host-") ||
    name.startsWith("__Secure-");
  if (needsSecure && secure !== true) {
    const why = 'sameSite "none", partitioned, and names with __Host- or __Secure-';
    throw new ConfigurationError("cookie.secure", `${why} need cookie.secure: true.`);
  }
  if (name.startsWith("__Host-") && (path !== "/" || domain !== undefined)) {
    throw new ConfigurationError("cookie.name", "__Host- needs the path / and no domain.");
  }
}
