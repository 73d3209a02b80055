import type { Cache } from "../contracts/cache.ts";
import { type SessionBackend, sessionBackend } from "../contracts/session-backend.ts";

/** Returns the backend of `cache`. @throws TypeError for anything but a cache of this library */
export function sessionBackendOf(cache: Cache): SessionBackend {
  if (typeof cache === "object" && cache !== null && sessionBackend in cache) {
    return (cache[sessionBackend] as () => SessionBackend)(); // only a cache defines the symbol
  }
  throw new TypeError("cache must be a cache of createCache() or createCaches().");
}
