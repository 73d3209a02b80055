import type { ResolvedOptions } from "./cache/options/resolve-options.ts";
import { requireText } from "./checks/require.ts";
import type { Driver } from "./contracts/driver.ts";
import { ConfigurationError } from "./contracts/errors.ts";
import type { CacheOptions } from "./contracts/options.ts";
import { openDummy } from "./drivers/dummy/index.ts";
import { openMemory } from "./drivers/memory/index.ts";
import {
  borrowRedis,
  type CallBounds,
  isRedisLocation,
  openRedis,
  parseRedisLocation,
  type RedisListener,
} from "./drivers/redis/index.ts";

/** The backend that a cache's values live in, by its location. */
type Place =
  | { readonly kind: "memory"; readonly name: string }
  | { readonly kind: "dummy" }
  | { readonly kind: "redis"; readonly location: string };

/**
 * Opens the driver that the location, or the client, asks for. Connects to nothing.
 *
 * @throws ConfigurationError for a location or client that no driver takes
 */
export function openDriver(
  options: CacheOptions,
  resolved: ResolvedOptions,
  listener: RedisListener,
): Driver {
  if (options.client !== undefined) return openBorrowed(options, resolved, listener);
  // A named "memory:" may stand in for a server that is configured elsewhere; no location is a slip.
  if (options.location === undefined)
    refuse(options, ["username", "password", "tls"], "the memory of this process; name a location");
  const place = placeOf(options.location === undefined ? "memory:" : options.location);
  const { maxEntries, clock } = resolved;
  if (place.kind === "dummy") return openDummy({ clock });
  if (place.kind === "redis") return openOwn(place.location, options, resolved, listener);
  return openMemory({ ...(place.name && { name: place.name }), maxEntries, clock });
}

/** Returns a text that two caches share exactly when their keys lie in the same database. */
export function databaseId({ location = "memory:", client }: CacheOptions): unknown {
  if (client !== undefined) return client;
  const place = placeOf(location);
  if (place.kind === "memory" && place.name !== "") return location;
  if (place.kind !== "redis") return Symbol("a store of its own");
  const { socket, database } = parseRedisLocation(place.location);
  const server = "path" in socket ? socket.path : `${socket.host}:${socket.port}`;
  return `${server}/${database}`;
}

function placeOf(location: unknown): Place {
  if (typeof location !== "string") throw notOffered(location);
  if (location.startsWith("memory:")) {
    return { kind: "memory", name: location.slice("memory:".length) };
  }
  if (location === "dummy:") return { kind: "dummy" };
  if (isRedisLocation(location)) return { kind: "redis", location };
  throw unknownLocation(location);
}

function openBorrowed(
  options: CacheOptions,
  resolved: ResolvedOptions,
  listener: RedisListener,
): Driver {
  refuse(options, ["location", "username", "password", "tls"], "client, which brings its own");
  const { coalesce } = resolved;
  return borrowRedis(options.client, { ...boundsOf(resolved), coalesce }, listener);
}

function boundsOf(resolved: ResolvedOptions): CallBounds {
  const { commandTimeoutMs, circuit, maxPending, maxPendingBytes } = resolved;
  return { commandTimeoutMs, circuit, maxCalls: maxPending, maxBytes: maxPendingBytes };
}

/** Options that would have no effect were meant for something else. */
function refuse(
  options: CacheOptions,
  names: readonly (keyof CacheOptions)[],
  beside: string,
): void {
  for (const name of names) {
    if (options[name] === undefined) continue;
    throw new ConfigurationError(name, `${name} does not go with ${beside}.`);
  }
}

function openOwn(
  location: string,
  { username, password, tls }: CacheOptions,
  resolved: ResolvedOptions,
  listener: RedisListener,
): Driver {
  const address = parseRedisLocation(location);
  if (tls !== undefined && !("tls" in address.socket && address.socket.tls)) {
    throw new ConfigurationError("tls", "tls needs a rediss: or valkeys: location.");
  }
  const connection = {
    ...(username !== undefined && { username: requireText("username", username) }),
    ...(password !== undefined && { password: requireText("password", password) }),
    ...address,
    ...(tls !== undefined && { tls: requireTlsOptions(tls) }),
    connectTimeoutMs: resolved.connectTimeoutMs,
    ...boundsOf(resolved),
  };
  return openRedis(connection, resolved, listener);
}

function requireTlsOptions<T>(tls: T): T {
  if (typeof tls === "object" && tls !== null) return tls;
  throw new TypeError("tls must be an object of Node's TLS options; rediss: is what turns TLS on.");
}

const offered =
  '"memory:", "memory:name", "dummy:", "redis://host:6379/0", "rediss://…", "valkey://…", ' +
  '"valkeys://…" and "unix:///path.sock?db=0"';

function notOffered(location: unknown): ConfigurationError {
  const shape = Array.isArray(location) ? "a list" : `of type ${typeof location}`;
  const message = `location is ${shape}; this version takes one string: ${offered}.`;
  return new ConfigurationError("location", message);
}

/** Repeats nothing that was written: any part of it may be a password. */
function unknownLocation(location: string): ConfigurationError {
  const problem = /^redis\+(?:sentinel|cluster):/.test(location)
    ? "names a sentinel or a cluster, which this version does not offer yet"
    : "begins with no known scheme";
  const message = `location ${problem}; this version takes ${offered}.`;
  return new ConfigurationError("location", message);
}
