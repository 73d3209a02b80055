import type { Sessions } from "cachewell/sessions";
import { isShortText } from "./is-short-text.ts";
import { readJson } from "./read-json.ts";
import type { Context, Routes } from "./routes.ts";
import { viewOf } from "./visitor.ts";

/** Everybody's password: this is about what comes after it. */
const rightPassword = "cachewell";

/** Logging in, and out, and out everywhere. */
export function loginRoutes(sessions: Sessions): Routes {
  return {
    "POST /login": async (ctx) => {
      const name = await readLogin(ctx);
      if (name === undefined) return answerUnauthorized(ctx, "Wrong password.");
      await ctx.session.set("userId", name).regenerate(); // whoever knew the old id is not logged in
      ctx.body = await viewOf(ctx.session, sessions);
    },
    "POST /logout": async (ctx) => {
      await ctx.session.destroy();
      ctx.status = 204;
    },
    "POST /logout-everywhere": async (ctx) => {
      const userId = ctx.session.get<string>("userId");
      if (userId === undefined) return answerUnauthorized(ctx, "Nobody is logged in.");
      ctx.body = { destroyed: await sessions.destroyAll({ userId }) };
    },
  };
}

/** Returns who logs in, or `undefined` where the password is wrong. Fails with status 400 where one of them is none. */
async function readLogin(ctx: Context): Promise<string | undefined> {
  const { name, password } = await readJson(ctx);
  if (isShortText(name) && typeof password === "string") {
    return password === rightPassword ? name : undefined;
  }
  return ctx.throw(400, "A login needs a name and a password.");
}

function answerUnauthorized(ctx: Context, error: string): void {
  ctx.status = 401;
  ctx.body = { error };
}
