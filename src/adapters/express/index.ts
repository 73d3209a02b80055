export type { CacheStoreOptions } from "../http-session/object-sessions.ts";
export type { SessionCookieOptions, SessionMiddlewareOptions } from "../http-session/options.ts";
export { CacheStore } from "./cache-store.ts";
export { type SessionMiddleware, sessionMiddleware } from "./session-middleware.ts";
