import type { Cache } from "cachewell";
import { type SessionContext, sessionMiddleware } from "cachewell/koa";
import { createSessions } from "cachewell/sessions";
import Koa, { type DefaultState } from "koa";
import { cartRoutes } from "./cart-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import type { Routes } from "./routes.ts";
import { viewOf } from "./visitor.ts";

/** Makes the application; it listens to nothing yet. */
export function createShop(cache: Cache): Koa<DefaultState, SessionContext> {
  const sessions = createSessions({ cache, ttl: "14d" });
  const home: Routes = {
    "GET /": async (ctx) => {
      ctx.body = await viewOf(ctx.session, sessions);
    },
  };
  const routes = { ...home, ...cartRoutes(sessions), ...loginRoutes(sessions) };

  const app = new Koa<DefaultState, SessionContext>();
  app.use(sessionMiddleware({ sessions, onStoreError: "fail" }));
  app.use(async (ctx) => {
    await routes[`${ctx.method} ${ctx.path}`]?.(ctx);
  });
  return app;
}
