import type { Cache } from "../../src/contracts/cache.ts";
import { type SessionBackend, sessionBackend } from "../../src/contracts/session-backend.ts";

/** Returns a stand-in for a cache with this backend. Sessions use nothing else of a cache. */
export function cacheWithBackend(backend: SessionBackend): Cache {
  return { [sessionBackend]: () => backend } as unknown as Cache; // see above
}
