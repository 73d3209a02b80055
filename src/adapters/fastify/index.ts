export type { SessionCookieOptions, SessionMiddlewareOptions } from "../http-session/options.ts";
export type { CacheStoreOptions } from "../http-session/store-rules.ts";
export { CacheStore } from "./cache-store.ts";
export { sessionPlugin } from "./session-plugin.ts";
