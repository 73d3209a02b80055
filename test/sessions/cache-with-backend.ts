import type { Cache } from "../../src/contracts/cache.ts";
import { attachSessionBackend, type SessionBackend } from "../../src/contracts/session-backend.ts";

/** Returns a stand-in for a cache with this backend. Sessions use nothing else of a cache. */
export function cacheWithBackend(backend: SessionBackend): Cache {
  const standIn = {} as Cache; // see above
  attachSessionBackend(standIn, () => backend);
  return standIn;
}
