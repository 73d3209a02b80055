import { optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import { requireFlag } from "../../checks/require.ts";
import { ConfigurationError } from "../../contracts/errors.ts";
import type { Sessions } from "../../contracts/sessions.ts";

/** Attributes of the session cookie. */
export interface SessionCookieOptions {
  /**
   * Name of the cookie. With the prefix `__Secure-` or `__Host-`, browsers enforce `secure`; with the
   * latter they also refuse the cookie from any other host.
   *
   * @default "sessionid"
   */
  readonly name?: string | undefined;

  /** Path below which browsers send the cookie. @default "/" */
  readonly path?: string | undefined;

  /** Domain whose hosts share the cookie. @default none: the cookie is sent to this host alone */
  readonly domain?: string | undefined;

  /** Whether browsers send the cookie by https only; `"auto"`: if the request came by https. @default "auto" */
  readonly secure?: boolean | "auto" | undefined;

  /** Whether requests from other sites carry the cookie; `"none"` requires `secure: true`, as in browsers. @default "lax" */
  readonly sameSite?: "lax" | "strict" | "none" | undefined;

  /** Whether scripts of a page cannot read the cookie. @default true */
  readonly httpOnly?: boolean | undefined;

  /** Whether browsers keep a cookie per embedding site (CHIPS); requires `secure: true`. @default false */
  readonly partitioned?: boolean | undefined;

  /**
   * Secrets that sign the cookie, of at least 32 characters each; forged cookies then cost no round trip.
   * The first secret signs, all are accepted, and a cookie signed with a later one is signed again. Safety
   * does not need them: ids cannot be guessed.
   *
   * @default none: the cookie is not signed
   */
  readonly secrets?: string | readonly string[] | undefined;
}

/** Options of the session middleware of every framework. */
export interface SessionMiddlewareOptions {
  /** The sessions, made by `createSessions`. */
  readonly sessions: Sessions;

  /** Attributes of the session cookie. */
  readonly cookie?: SessionCookieOptions | undefined;

  /**
   * What to do if the store is unreachable: `"fail"` the request with status 503, or go on with an empty
   * `"anonymous"` session that is not stored. A request without a session cookie that stores nothing goes
   * on in either case.
   *
   * @default "fail"
   */
  readonly onStoreError?: "fail" | "anonymous" | undefined;
}

/** The checked options of the cookie, with defaults. */
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

/** The checked options of a session middleware, with defaults. */
export interface HttpSessionRules {
  readonly sessions: Sessions;
  readonly cookie: CookieRules;
  readonly onStoreError: "fail" | "anonymous";
}

/** Checks the options and fills in defaults. @throws ConfigurationError, TypeError */
export function resolveHttpSession(options: SessionMiddlewareOptions): HttpSessionRules {
  requireKnownOptions("the session middleware", options, middlewareNames);
  const { sessions, cookie = {}, onStoreError = "fail" } = options;
  if (typeof sessions?.load !== "function") {
    throw new TypeError("sessions must be made by createSessions().");
  }
  if (onStoreError !== "fail" && onStoreError !== "anonymous") {
    throw new TypeError('onStoreError must be "fail" or "anonymous".');
  }
  return { sessions, cookie: resolveCookie(cookie), onStoreError };
}

const middlewareNames = optionNames<SessionMiddlewareOptions>({
  sessions: true,
  cookie: true,
  onStoreError: true,
});

const cookieNames = optionNames<SessionCookieOptions>({
  name: true,
  path: true,
  domain: true,
  secure: true,
  sameSite: true,
  httpOnly: true,
  partitioned: true,
  secrets: true,
});

function resolveCookie(options: SessionCookieOptions): CookieRules {
  requireKnownOptions("cookie", options, cookieNames);
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
  requireAccepted(rules);
  return rules;
}

/** The name of a cookie: a token (RFC 6265 section 4.1.1). */
const tokenShape = /^[\w!#$%&'*+.^`|~-]+$/;
const pathShape = /^\/[\x20-\x3a\x3c-\x7e]*$/;
const domainShape = /^\.?[\w-]+(?:\.[\w-]+)*$/;

function requireMatch(option: string, value: unknown, shape: RegExp): string {
  if (typeof value === "string" && shape.test(value)) return value;
  const shown = typeof value === "string" ? JSON.stringify(value) : typeof value;
  throw new TypeError(`${option} is not valid in a cookie: ${shown}.`);
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

/** Refuses combinations whose cookie browsers ignore. */
function requireAccepted({ name, secure, sameSite, partitioned, path, domain }: CookieRules): void {
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
