import type { Sessions } from "cachewell/sessions";
import type { FastifyInstance } from "fastify";
import { sessionOf, viewOf } from "./visitor.ts";

interface Login {
  readonly Body: { readonly name: string; readonly password: string };
}

const login = {
  body: {
    type: "object",
    required: ["name", "password"],
    properties: {
      name: { type: "string", minLength: 1, maxLength: 100 },
      password: { type: "string" },
    },
  },
};

/** Everybody's password: this is about what comes after it. */
const rightPassword = "cachewell";

/** Logging in, and out, and out everywhere. */
export function addLoginRoutes(app: FastifyInstance, sessions: Sessions): void {
  app.post<Login>("/login", { schema: login }, async (request, reply) => {
    const { name, password } = request.body;
    if (password !== rightPassword) return reply.code(401).send({ error: "Wrong password." });
    const session = sessionOf(request);
    await session.set("userId", name).regenerate(); // whoever knew the old id is not logged in
    return viewOf(session, sessions);
  });

  app.post("/logout", async (request, reply) => {
    await sessionOf(request).destroy();
    return reply.code(204).send();
  });

  app.post("/logout-everywhere", async (request, reply) => {
    const userId = sessionOf(request).get<string>("userId");
    if (userId === undefined) return reply.code(401).send({ error: "Nobody is logged in." });
    return { destroyed: await sessions.destroyAll({ userId }) };
  });
}
