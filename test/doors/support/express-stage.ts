import type { Express } from "express";
import { onTestFinished } from "vitest";
import {
  type SessionMiddlewareOptions,
  sessionMiddleware,
} from "../../../src/adapters/express/index.ts";
import { type Session, type Sessions } from "../../../src/sessions/index.ts";
import { listen, silentExpress } from "../apps/express-app.ts";
import { Browser } from "./browser.ts";
import { memorySessions } from "./sessions.ts";

/** An Express application of one test, and its visitor. */
export interface ExpressStage {
  readonly sessions: Sessions;
  readonly browser: Browser;
  /** `http://127.0.0.1:` and its port. */
  readonly url: string;
  /** Errors that the application's own error handling was given, in their order. */
  readonly errors: readonly unknown[];
}

export interface ExpressStageOptions extends Omit<SessionMiddlewareOptions, "sessions"> {
  readonly sessions?: Sessions;
  /** Adds what comes before the middleware. */
  readonly before?: (app: Express) => void;
}

/** Opens an application with the middleware, and the routes that `addRoutes` adds. */
export async function openExpress(
  addRoutes: (app: Express, sessions: Sessions) => void,
  options: ExpressStageOptions = {},
): Promise<ExpressStage> {
  const { before, sessions = memorySessions(), ...rest } = options;
  const errors: unknown[] = [];
  const app = silentExpress();
  before?.(app);
  app.use(sessionMiddleware({ sessions, ...rest }));
  addRoutes(app, sessions);
  app.use((error: unknown, _request: unknown, _response: unknown, next: (e: unknown) => void) => {
    errors.push(error);
    next(error);
  });
  const running = await listen(app);
  onTestFinished(() => running.close());
  const { url } = running;
  return { sessions, errors, url, browser: new Browser(url) };
}

/** Returns the fields of the session that a browser has the cookie of. */
export async function storedFields({ sessions, browser }: ExpressStage): Promise<object> {
  const session = await sessions.load(browser.jar.valueOf("sessionid"));
  return Object.fromEntries(session.entries());
}

/** Sessions whose saving can be stopped and let go on. */
export interface SlowSessions {
  readonly sessions: Sessions;
  /** Resolves when a save has begun to wait. */
  readonly saving: Promise<void>;
  /** Lets it, and all that come, go on. */
  readonly release: () => void;
}

/** Makes sessions that are not saved before `release`. */
export function slowSessions(sessions: Sessions = memorySessions()): SlowSessions {
  const begun = gate();
  const open = gate();
  onTestFinished(open.release);
  const slow = withSave(sessions, async (save) => {
    begun.release();
    await open.passed;
    return save();
  });
  return { sessions: slow, saving: begun.passed, release: open.release };
}

/** Returns sessions of which every save goes through `around`. */
export function withSave(
  sessions: Sessions,
  around: (save: () => Promise<boolean>, session: Session) => Promise<boolean>,
): Sessions {
  return {
    rolling: sessions.rolling,
    list: (user) => sessions.list(user),
    destroyAll: (options) => sessions.destroyAll(options),
    load: async (id, options) => {
      const session = await sessions.load(id, options);
      const save = session.save.bind(session);
      return Object.assign(session, { save: () => around(save, session) });
    },
  };
}

/** Returns a promise, and what fulfils it. */
function gate(): { readonly passed: Promise<void>; readonly release: () => void } {
  let release = (): void => undefined;
  const passed = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { passed, release };
}
