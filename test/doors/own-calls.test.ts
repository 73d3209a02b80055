import { describe, expect, test } from "vitest";
import { createSessions, type Sessions } from "../../src/sessions/index.ts";
import { freshPrefix, sharedUrl } from "../support/fresh.ts";
import { openCache } from "../support/open-cache.ts";
import { expressApp } from "./apps/express-app.ts";
import { fastifyApp } from "./apps/fastify-app.ts";
import { koaApp } from "./apps/koa-app.ts";

/** Sessions whose user logs out everywhere right after each load. */
function endedAfterLoad(sessions: Sessions): Sessions {
  return {
    rolling: sessions.rolling,
    list: (user) => sessions.list(user),
    destroyAll: (options) => sessions.destroyAll(options),
    load: async (id, options) => {
      const session = await sessions.load(id, options);
      await sessions.destroyAll({ userId: "ada" });
      return session;
    },
  };
}

describe("what a handler's own call of the session throws", () => {
  test.each([expressApp, fastifyApp, koaApp])(
    "is answered 400 where the session was ended meanwhile: $name",
    async (kind) => {
      const cache = openCache({ location: sharedUrl(), keyPrefix: freshPrefix() });
      const sessions = createSessions({ cache });
      const session = await sessions.load(undefined);
      await session.set("userId", "ada").save();
      const app = await kind.start({ sessions: endedAfterLoad(sessions) });
      const headers = { cookie: `sessionid=${session.id}` };
      const answer = await fetch(`${app.url}/login/ada`, { method: "POST", headers });
      await app.close();
      expect(answer.status).toBe(400);
    },
  );
});
