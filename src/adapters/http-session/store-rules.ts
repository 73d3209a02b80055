import { optionNames, requireKnownOptions } from "../../checks/known-options.ts";
import { requireFlag } from "../../checks/require.ts";
import type { Cache } from "../../contracts/cache.ts";
import type { SessionLayout, SessionStore } from "../../contracts/session-store.ts";
import { type Duration, parseFiniteDuration } from "../../kit/duration.ts";
import { openSessionStore } from "../../sessions/index.ts";

/** Options of every door's `CacheStore`. */
export interface CacheStoreOptions {
  /** The cache whose store keeps the sessions, under keys of their own: no method of the cache reads or removes them. */
  readonly cache: Cache;

  /** Prefix of the stored keys, after the cache's own `keyPrefix`; the whole prefix with `layout: "connect-redis"`. @default "sess:" */
  readonly prefix?: string | undefined;

  /** Lifetime of a session whose cookie does not expire by itself, or a function that returns it. @default "1d" */
  readonly ttl?: Duration | ((session: Readonly<Record<string, unknown>>) => Duration) | undefined;

  /** Whether a request that changes nothing leaves the session's end where it is, instead of extending its life. @default false */
  readonly disableTouch?: boolean | undefined;

  /**
   * `"merged"` stores each field by itself, under a hash of the id; concurrent requests keep each other's
   * changes. `"connect-redis"` stores the session as JSON under prefix and id, as connect-redis does, so
   * that its sessions can be taken over; of concurrent requests the last wins. With both, a destroyed
   * session never comes back.
   *
   * @default "merged"
   */
  readonly layout?: SessionLayout | undefined;

  /** Maximum size of a stored session, in bytes. @default 65_536; unlimited with `"connect-redis"` */
  readonly maxBytes?: number | undefined;
}

/** The checked options of a `CacheStore`, and the store that they describe. */
export interface StoreRules {
  readonly store: SessionStore;
  readonly disableTouch: boolean;
  /** Whether stored sessions contain the moments at which they end, as other programs expect. */
  readonly keepsEnds: boolean;
  /** Returns the lifetime of a session that has none of its own. @throws TypeError for an invalid result of the `ttl` function */
  usualLifetimeMs(session: SessionFields): number;
}

type SessionFields = Readonly<Record<string, unknown>>;

const names = optionNames<CacheStoreOptions>({
  cache: true,
  prefix: true,
  ttl: true,
  disableTouch: true,
  layout: true,
  maxBytes: true,
});

/** Checks the options and fills in the defaults. @throws ConfigurationError, TypeError */
export function resolveStore(options: CacheStoreOptions): StoreRules {
  requireKnownOptions("CacheStore", options, names);
  const { ttl = "1d", disableTouch = false, layout = "merged", ...rest } = options;
  if (typeof ttl !== "function") parseFiniteDuration("ttl", ttl);
  return {
    store: openSessionStore({ ...rest, layout }),
    disableTouch: requireFlag("disableTouch", disableTouch),
    keepsEnds: layout === "connect-redis",
    usualLifetimeMs: (session) =>
      parseFiniteDuration("ttl", typeof ttl === "function" ? ttl(session) : ttl),
  };
}
