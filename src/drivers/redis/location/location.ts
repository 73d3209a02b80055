import { ConfigurationError } from "../../../contracts/errors.ts";

/** Where a Redis is and how to sign in, as read off a location. */
export interface RedisAddress {
  readonly socket:
    | { readonly host: string; readonly port: number; readonly tls: boolean }
    | { readonly path: string };
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
}

const schemes: ReadonlyMap<string, { readonly tls: boolean }> = new Map([
  ["redis:", { tls: false }],
  ["valkey:", { tls: false }],
  ["rediss:", { tls: true }],
  ["valkeys:", { tls: true }],
]);

/** Returns whether a location names a Redis by its scheme. */
export function isRedisLocation(location: string): boolean {
  return schemes.has(schemeOf(location)) || schemeOf(location) === "unix:";
}

/**
 * Reads a `redis:`, `rediss:`, `valkey:`, `valkeys:` or `unix:` location.
 *
 * @throws ConfigurationError that names what is wrong and repeats no part that could be a secret
 */
export function parseRedisLocation(location: string): RedisAddress {
  const scheme = schemeOf(location);
  const url = parseUrl(location, scheme);
  const socket = scheme === "unix:" ? unixSocket(url) : tcpSocket(url, scheme);
  return { socket, ...credentials(url), database: databaseOf(url, scheme) };
}

function schemeOf(location: string): string {
  return /^[a-z][a-z0-9+.-]*:/i.exec(location)?.[0].toLowerCase() ?? "";
}

/** A URL with credentials needs a host, which a unix socket has not: it is given one here. */
function parseUrl(location: string, scheme: string): URL {
  if (/,\s*[a-z]+:\/\//i.test(location)) throw unavailable(scheme, "a list of servers");
  const text =
    scheme === "unix:"
      ? location.replace(/^unix:\/\/([^/?#]*@)?\//i, "unix://$1socket/")
      : location;
  if (!text.slice(scheme.length).startsWith("//") || !URL.canParse(text)) {
    throw invalid(scheme, "is not a URL; percent-encode special characters in user and password");
  }
  const url = new URL(text);
  if (url.hash !== "") throw invalid(scheme, 'holds a "#"; write it as %23');
  return url;
}

function tcpSocket(url: URL, scheme: string): RedisAddress["socket"] {
  if (url.hostname === "") throw invalid(scheme, "names no host");
  const host = decode(url.hostname.replace(/^\[(.*)\]$/, "$1"), scheme).toLowerCase();
  if (host.includes(",")) throw unavailable(scheme, "a list of servers");
  const port = url.port === "" ? 6379 : Number(url.port);
  return { host, port, tls: schemes.get(scheme)?.tls ?? false };
}

function unixSocket(url: URL): RedisAddress["socket"] {
  const path = decode(url.pathname, "unix:");
  if (url.hostname !== "socket" || path === "/") {
    throw invalid("unix:", "must hold an absolute path, as in unix:///run/redis.sock?db=0");
  }
  return { path };
}

function credentials(url: URL): { readonly username?: string; readonly password?: string } {
  const username = decode(url.username, url.protocol);
  const password = decode(url.password, url.protocol);
  return { ...(username && { username }), ...(password && { password }) };
}

function databaseOf(url: URL, scheme: string): number {
  for (const name of url.searchParams.keys()) {
    if (name !== "db") throw invalid(scheme, 'has a query parameter other than "db"');
  }
  const path = scheme === "unix:" ? "" : url.pathname.replace(/^\//, "");
  const text = url.searchParams.get("db") ?? decode(path, scheme);
  if (!/^\d{0,9}$/.test(text)) throw invalid(scheme, "has a database that is not a whole number");
  return Number(text);
}

function decode(text: string, scheme: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(scheme, 'holds a "%" that begins no percent-encoding; write it as %25');
  }
}

function invalid(scheme: string, problem: string): ConfigurationError {
  return new ConfigurationError("location", `The ${scheme} location ${problem}.`);
}

function unavailable(scheme: string, what: string): ConfigurationError {
  return invalid(scheme, `names ${what}, which this version does not offer yet`);
}
