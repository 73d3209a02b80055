import type { Cache } from "./contracts/cache.ts";
import { ConfigurationError, UnknownCacheError } from "./contracts/errors.ts";
import type { CacheOptions } from "./contracts/options.ts";
import { createCache } from "./create-cache.ts";
import { databaseId } from "./open-driver.ts";

/** What can be done to all caches of a collection. */
export interface CacheCollection {
  /** Returns the cache of an alias. @throws UnknownCacheError that names the aliases there are */
  get(alias: string): Cache;

  /** Closes every cache. Twice is harmless. */
  close(): Promise<void>;

  [Symbol.asyncDispose](): Promise<void>;
}

/** Caches by alias: `caches.sessions`, or `caches.get("sessions")`. */
export type Caches<Alias extends string = string> = CacheCollection & {
  readonly [Name in Alias]: Cache;
};

/**
 * Makes several caches, each named after its alias.
 *
 * @throws ConfigurationError as {@link createCache} does; for an alias that would hide a method;
 *   and for two caches of one database whose prefixes cannot be told apart
 */
export function createCaches<const Alias extends string>(
  options: Readonly<Record<Alias, CacheOptions>>,
): Caches<Alias> {
  if (!isRecord(options)) throw new TypeError("createCaches needs an object of options by alias.");
  const entries = Object.entries<CacheOptions>(options);
  for (const [alias, given] of entries) {
    requireAlias(alias);
    requireOptions(alias, given);
  }
  const caches = createAll(entries);
  return Object.assign(collectionOf(caches), Object.fromEntries(caches)) as Caches<Alias>;
}

function collectionOf(caches: ReadonlyMap<string, Cache>): CacheCollection {
  const close = async (): Promise<void> => {
    await Promise.all(Array.from(caches.values(), (cache) => cache.close()));
  };
  return {
    get(alias) {
      const cache = caches.get(alias);
      if (!cache) throw new UnknownCacheError(alias, [...caches.keys()]);
      return cache;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** All or none: what was made before the first that cannot be is closed again. */
function createAll(entries: readonly (readonly [string, CacheOptions])[]): Map<string, Cache> {
  const caches = new Map<string, Cache>();
  try {
    for (const [alias, options] of entries) {
      caches.set(alias, createCache({ ...options, name: options.name ?? alias }));
    }
    requireDistinctPrefixes(entries);
    return caches;
  } catch (error) {
    for (const cache of caches.values()) void cache.close();
    throw error;
  }
}

/** `then` would make a promise of the collection, the others would hide what every object has. */
function requireAlias(alias: string): void {
  const taken = alias === "" || alias === "get" || alias === "close" || alias === "then";
  if (!taken && !(alias in Object.prototype)) return;
  const message = `The alias ${JSON.stringify(alias)} is taken by a method; choose another.`;
  throw new ConfigurationError("alias", message);
}

function requireOptions(alias: string, options: unknown): void {
  if (isRecord(options)) return;
  throw new TypeError(`The options of the cache ${JSON.stringify(alias)} must be an object.`);
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In one database, prefix `a` with key `1:k` and prefix `a:1` with key `k` would be one stored key. */
function requireDistinctPrefixes(entries: readonly (readonly [string, CacheOptions])[]): void {
  const places = entries.map(([alias, options]) => {
    return { alias, prefix: options.keyPrefix ?? "", database: databaseId(options) };
  });
  for (const outer of places) {
    for (const inner of places) {
      if (inner.database !== outer.database) continue;
      if (!beginsLikeKeyOf(outer.prefix, inner.prefix)) continue;
      const pair = `${JSON.stringify(outer.alias)} and ${JSON.stringify(inner.alias)}`;
      throw new ConfigurationError(
        "keyPrefix",
        `The caches ${pair} share a database, and their prefixes make keys that collide; change one.`,
      );
    }
  }
}

/** Whether `prefix` goes on, after `outer`, as a version does in `outer:version:key`. */
function beginsLikeKeyOf(outer: string, prefix: string): boolean {
  return prefix.startsWith(`${outer}:`) && /^-?\d+(?::|$)/.test(prefix.slice(outer.length + 1));
}
