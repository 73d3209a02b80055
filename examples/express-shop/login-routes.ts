import type { Sessions } from "cachewell/sessions";
import { Router } from "express";
import { isShortText } from "./is-short-text.ts";
import { sessionOf, viewOf } from "./visitor.ts";

/** Everybody's password: this is about what comes after it. */
const rightPassword = "cachewell";

/** Logging in, and out, and out everywhere. */
export function loginRoutes(sessions: Sessions): Router {
  const router = Router();
  router.post("/login", async (request, response) => {
    const { name, password } = Object(request.body);
    if (!isShortText(name) || typeof password !== "string") {
      response.status(400).json({ error: "A login needs a name and a password." });
    } else if (password !== rightPassword) {
      response.status(401).json({ error: "Wrong password." });
    } else {
      const session = sessionOf(request);
      await session.set("userId", name).regenerate(); // whoever knew the old id is not logged in
      response.json(await viewOf(session, sessions));
    }
  });
  router.post("/logout", async (request, response) => {
    await sessionOf(request).destroy();
    response.status(204).end();
  });
  router.post("/logout-everywhere", async (request, response) => {
    const userId = sessionOf(request).get<string>("userId");
    if (userId === undefined) response.status(401).json({ error: "Nobody is logged in." });
    else response.json({ destroyed: await sessions.destroyAll({ userId }) });
  });
  return router;
}
