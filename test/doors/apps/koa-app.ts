import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import Koa, { type DefaultState, type Middleware, type ParameterizedContext } from "koa";
import { type SessionContext, sessionMiddleware } from "../../../src/adapters/koa/index.ts";
import type { Session } from "../../../src/contracts/sessions.ts";
import { interrupt, lastingHeaders, replacedHeaders } from "../support/replaced-response.ts";
import {
  apology,
  type SessionApp,
  type SessionAppKind,
  type SessionAppOptions,
  type SessionFailure,
} from "../support/session-app.ts";

type App = Koa<DefaultState, SessionContext>;
type Context = ParameterizedContext<DefaultState, SessionContext>;

/** Answers a request whose path has up to two parameters. */
type Answer = (ctx: Context, first: string, second: string) => void | Promise<void>;
type Answers = Readonly<Record<string, Answer>>;

const chunks = 20;
const bigText = "x".repeat(1_048_576);

/** The application that the tests of all doors share, on Koa. */
export const koaApp: SessionAppKind = {
  name: "koa",
  start: (options) => serveKoa(createKoaApp(options)),
};

/** Serves an application on a free port of this machine. */
export async function serveKoa(app: Pick<Koa, "callback">): Promise<SessionApp> {
  const listener = app.callback();
  const server = createServer((request, response) => void listener(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens by TCP
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function createKoaApp(options: SessionAppOptions): App {
  const app: App = new Koa();
  app.silent = true; // or it prints every error that it answers
  const answers = { ...logins(options), ...fields, ...failures(options), ...texts };
  const { errorAnswer, ...sessionOptions } = options;
  if (errorAnswer) app.use(apologizing(errorAnswer));
  app.use(sessionMiddleware(sessionOptions));
  app.use(async (ctx) => {
    const [, name = "", first = "", second = ""] = ctx.path.split("/").map(decodeURIComponent);
    const method = ctx.method === "HEAD" ? "GET" : ctx.method; // Koa leaves out the body itself
    await answers[`${method} /${name}`]?.(ctx, first, second);
  });
  return app;
}

function apologizing(how: "text" | "stream"): Middleware {
  return async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      ctx.status = (error as SessionFailure).status;
      ctx.body = how === "text" ? apology.text : Readable.from(apology.pieces);
    }
  };
}

function logins({ sessions }: SessionAppOptions): Answers {
  return {
    "GET /public": (ctx) => {
      ctx.body = { public: true };
    },
    "GET /me": (ctx) => {
      const { session } = ctx;
      const { isNew, detached } = session;
      ctx.body = { user: session.get("userId") ?? null, new: isNew, detached };
    },
    "POST /login": async (ctx, user) => {
      await ctx.session.set("userId", user).regenerate();
      ctx.body = { user };
    },
    "POST /logout": async (ctx) => {
      await ctx.session.destroy();
      ctx.status = 204;
    },
    "POST /logout-everywhere": async (ctx) => {
      const userId = ctx.session.get("userId", "");
      ctx.body = { destroyed: await sessions.destroyAll({ userId }) };
    },
  };
}

const fields: Answers = {
  "POST /set": (ctx, field, value) => {
    ctx.session.set(field, value);
    ctx.body = { ok: true };
  },
  "POST /slow-set": async (ctx, field, value) => {
    ctx.session.set(field, value);
    await wait(Number(ctx.query["ms"]));
    ctx.body = { ok: true };
  },
  "POST /push": (ctx, item) => {
    const cart = ctx.session.setDefault<string[]>("cart", []);
    cart.push(item);
    ctx.body = { cart };
  },
  "POST /delete": (ctx, field) => {
    ctx.body = { deleted: ctx.session.delete(field) };
  },
  "GET /fields": (ctx) => {
    ctx.body = Object.fromEntries(ctx.session.entries());
  },
  "POST /regenerate": async (ctx) => {
    await ctx.session.regenerate();
    ctx.body = { ok: true };
  },
  "POST /expiry": (ctx, seconds) => {
    ctx.session.setExpiry(Number(seconds));
    ctx.body = { ok: true };
  },
};

function failures({ sessions }: SessionAppOptions): Answers {
  return {
    "POST /interrupted": async (ctx) => {
      await interrupt(ctx.session, sessions);
      ctx.status = 201;
      ctx.body = "replaced";
      ctx.set({ ...replacedHeaders, ...lastingHeaders });
    },
    "POST /interrupted-json": async (ctx) => {
      await interrupt(ctx.session, sessions);
      ctx.body = { replaced: false };
    },
    "POST /fail": (ctx, field, value) => {
      ctx.session.set(field, value);
      answerFailed(ctx);
    },
    "POST /save-then-fail": async (ctx, field, value) => {
      await ctx.session.set(field, value).save();
      answerFailed(ctx);
    },
    "POST /throw": (ctx, field, value) => {
      ctx.session.set(field, value);
      throw new Error("thrown by the handler");
    },
  };
}

const texts: Answers = {
  "GET /stream": (ctx) => {
    ctx.body = chunksFor(ctx.session);
  },
  "POST /stream-set": (ctx, field, value) => {
    ctx.session.set(field, value);
    ctx.body = chunksFor(ctx.session);
  },
  "GET /big": (ctx) => {
    ctx.session.get("userId");
    ctx.body = bigText;
  },
};

function answerFailed(ctx: Context): void {
  ctx.status = 500;
  ctx.body = { failed: true };
}

function chunksFor(session: Session): Readable {
  const user = session.get("userId", "none");
  return Readable.from(
    (async function* () {
      for (let chunk = 1; chunk <= chunks; chunk++) {
        yield `chunk ${chunk} of ${user}\n`;
        await wait(2);
      }
    })(),
  );
}
