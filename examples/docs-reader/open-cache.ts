import { type Cache, createCache } from "cachewell";
import { BriefLogger } from "./log.ts";

/** A cache, and where it is in words. */
export interface OpenedCache {
  readonly cache: Cache;
  /** `"memory"`, or the location of a Redis without user and password. */
  readonly place: string;
}

/** What all keys begin with, so that a Redis can be shared with other programs. */
export const keyPrefix = "docs-reader";

/** Makes the reader's cache. When its store is away, pages are rendered anew and the log says so. */
export function openCache(location: string): OpenedCache {
  const cache = createCache({
    location,
    keyPrefix,
    name: keyPrefix,
    // A reader that waits for its cache longer than for the page itself has no use of it.
    connectTimeout: "500ms",
    commandTimeout: "250ms",
    ignoreErrors: true,
    logIgnoredErrors: true,
    logger: new BriefLogger(),
    events: {
      connect: () => console.log("cache: connected"),
      disconnect: ({ cause }) => cause !== undefined && console.error("cache: connection lost"),
    },
  });
  return { cache, place: describeLocation(location) };
}

/** Takes user and password off a location, so that it can be shown. */
function describeLocation(location: string): string {
  if (location.startsWith("memory:")) return "memory";
  return location.replace(/\/\/[^/]*@/, "//");
}
