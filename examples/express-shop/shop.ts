import type { Cache } from "cachewell";
import { sessionMiddleware } from "cachewell/express";
import { createSessions } from "cachewell/sessions";
import express, { type Express } from "express";
import { cartRoutes } from "./cart-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import { sessionOf, viewOf } from "./visitor.ts";

/** Makes the application; it listens to nothing yet. */
export function createShop(cache: Cache): Express {
  const sessions = createSessions({ cache, ttl: "14d" });
  const app = express();
  app.disable("x-powered-by");
  app.use(sessionMiddleware({ sessions, onStoreError: "fail" }));
  app.use(express.json({ limit: "10kb" }));
  app.get("/", async (request, response) => {
    response.json(await viewOf(sessionOf(request), sessions));
  });
  app.use(cartRoutes(sessions));
  app.use(loginRoutes(sessions));
  return app;
}
