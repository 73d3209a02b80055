import type { Cache } from "cachewell";
import { sessionPlugin } from "cachewell/fastify";
import { createSessions } from "cachewell/sessions";
import Fastify, { type FastifyInstance } from "fastify";
import { addCartRoutes } from "./cart-routes.ts";
import { addLoginRoutes } from "./login-routes.ts";
import { sessionOf, viewOf } from "./visitor.ts";

/** A number in the place of a text is a bad body: nothing is converted. */
const options = { ajv: { customOptions: { coerceTypes: false } } };

/** Makes the application; it listens to nothing yet. */
export async function createShop(cache: Cache): Promise<FastifyInstance> {
  const app = Fastify(options);
  const sessions = createSessions({ cache, ttl: "14d" });
  await app.register(sessionPlugin, { sessions, onStoreError: "fail" });
  app.get("/", (request) => viewOf(sessionOf(request), sessions));
  addCartRoutes(app, sessions);
  addLoginRoutes(app, sessions);
  return app;
}
