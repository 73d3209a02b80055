import type { SessionContext } from "cachewell/koa";
import type { DefaultState, ParameterizedContext } from "koa";

/** The context of a request whose visitor has a session. */
export type Context = ParameterizedContext<DefaultState, SessionContext>;

/** What answers which method and path. */
export type Routes = Readonly<Record<string, (ctx: Context) => Promise<void>>>;
