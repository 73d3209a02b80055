export type { SessionCookieOptions, SessionMiddlewareOptions } from "../http-session/options.ts";
export type { CacheStoreOptions } from "../http-session/store-rules.ts";
export { CacheStore } from "./cache-store.ts";
export {
  type SessionContext,
  type SessionMiddleware,
  sessionMiddleware,
} from "./session-middleware.ts";
