import type { Cache } from "cachewell";
import { type SessionEnv, sessionMiddleware } from "cachewell/hono";
import { createSessions } from "cachewell/sessions";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import { cartRoutes } from "./cart-routes.ts";
import { loginRoutes } from "./login-routes.ts";
import { viewOf } from "./visitor.ts";

const limit = bodyLimit({
  maxSize: 10_000,
  onError: (c) => c.json({ error: "That is too much." }, 413),
});

/** Makes the application; it listens to nothing yet. */
export function createShop(cache: Cache): Hono<SessionEnv> {
  const sessions = createSessions({ cache, ttl: "14d" });
  const app = new Hono<SessionEnv>();
  app.use(sessionMiddleware({ sessions, onStoreError: "fail" }));
  app.use(limit);
  app.get("/", async (c) => c.json(await viewOf(c.get("session"), sessions)));
  app.route("/", cartRoutes(sessions));
  app.route("/", loginRoutes(sessions));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return c.json({ error: error.message }, error.status);
    console.error(error);
    return c.json({ error: "Something is wrong here." }, 500);
  });
  return app;
}
