import type { SessionEnv } from "cachewell/hono";
import type { Sessions } from "cachewell/sessions";
import { Hono } from "hono";
import { validator } from "hono/validator";
import { isShortText } from "./is-short-text.ts";
import { viewOf } from "./visitor.ts";

/** Everybody's password: this is about what comes after it. */
const rightPassword = "cachewell";

interface Credentials {
  readonly name?: unknown;
  readonly password?: unknown;
}

const login = validator("json", (body: unknown, c) => {
  const { name, password } = Object(body) as Credentials; // whatever was sent
  if (isShortText(name) && typeof password === "string") return { name, password };
  return c.json({ error: "A login needs a name and a password." }, 400);
});

/** Logging in, and out, and out everywhere. */
export function loginRoutes(sessions: Sessions): Hono<SessionEnv> {
  const app = new Hono<SessionEnv>();
  app.post("/login", login, async (c) => {
    const { name, password } = c.req.valid("json");
    if (password !== rightPassword) return c.json({ error: "Wrong password." }, 401);
    const session = c.get("session").set("userId", name);
    await session.regenerate(); // whoever knew the old id is not logged in
    return c.json(await viewOf(session, sessions));
  });
  app.post("/logout", async (c) => {
    await c.get("session").destroy();
    return c.body(null, 204);
  });
  app.post("/logout-everywhere", async (c) => {
    const userId = c.get("session").get<string>("userId");
    if (userId === undefined) return c.json({ error: "Nobody is logged in." }, 401);
    return c.json({ destroyed: await sessions.destroyAll({ userId }) });
  });
  return app;
}
