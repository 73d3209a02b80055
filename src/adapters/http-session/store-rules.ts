import { requireKnownOptions } from "../../checks/known-options.ts";
import { requireFlag } from "../../checks/require.ts";
import type { Cache } from "../../contracts/cache.ts";
import type { SessionLayout, SessionStore } from "../../contracts/session-store.ts";
import { type Duration, parseFiniteDuration } from "../../kit/duration.ts";
import { openSessionStore } from "../../sessions/index.ts";

/** Options of every door's `CacheStore`. */
export interface CacheStoreOptions {
  /** Where the sessions live: beside the cache's keys, which no verb of the cache meets. */
  readonly cache: Cache;

  /** What the stored keys begin with, after the cache's own prefix. With `layout: "connect-redis"` nothing comes before it. @default "sess:" */
  readonly prefix?: string | undefined;

  /** How long a session lives whose cookie has no end of its own, or a function that says so for each. @default "1d" */
  readonly ttl?: Duration | ((session: Readonly<Record<string, unknown>>) => Duration) | undefined;

  /** Whether requests that change nothing leave the session's life as it is. @default false */
  readonly disableTouch?: boolean | undefined;

  /**
   * `"merged"`: field by field under hashed ids; requests side by side keep each other's fields.
   * `"connect-redis"`: whole, as JSON, under the prefix and the id, as connect-redis does, so that living
   * sessions survive the move; of requests side by side the last wins. In both what is destroyed stays so.
   *
   * @default "merged"
   */
  readonly layout?: SessionLayout | undefined;

  /** How large the stored form of one session may be, in bytes. @default 65_536; with `"connect-redis"` no bound */
  readonly maxBytes?: number | undefined;
}

/** The options of a `CacheStore`, checked, and the store that they mean. */
export interface StoreRules {
  readonly store: SessionStore;
  readonly disableTouch: boolean;
  /** Whether what is stored holds the moments of its end, as other programs expect it. */
  readonly keepsEnds: boolean;
  /** Returns how long a session lives that does not say so itself. @throws TypeError for what a `ttl` function gave */
  usualLifetimeMs(session: SessionFields): number;
}

type SessionFields = Readonly<Record<string, unknown>>;

const known: Readonly<Record<keyof CacheStoreOptions, true>> = {
  cache: true,
  prefix: true,
  ttl: true,
  disableTouch: true,
  layout: true,
  maxBytes: true,
};

/** Checks the options and fills in the defaults. @throws ConfigurationError, TypeError */
export function resolveStore(options: CacheStoreOptions): StoreRules {
  requireKnownOptions("CacheStore", options, Object.keys(known));
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
