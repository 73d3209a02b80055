export type { SessionCookieOptions, SessionMiddlewareOptions } from "../http-session/options.ts";
export { type SessionEnv, sessionMiddleware } from "./session-middleware.ts";
