import { execFile } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { inject, onTestFinished } from "vitest";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import type { Sessions, SessionsOptions } from "../../../src/contracts/sessions.ts";
import { createSessions } from "../../../src/sessions/index.ts";
import { sessionBackendOf } from "../../../src/sessions/session-backend.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { freshPrefix, sharedUrl } from "../../support/fresh.ts";
import { openCache } from "../../support/open-cache.ts";
import { Browser, type BrowserOptions } from "./browser.ts";
import type { SessionAppKind, SessionAppOptions } from "./session-app.ts";

const run = promisify(execFile);

/** Where sessions live. */
export type Place = "memory" | "Redis";

/** All places that the doors are tested with. */
export const places: readonly Place[] = ["memory", "Redis"];

/** What a stage is opened with, beside what every test has. */
export interface StageOptions extends Omit<SessionAppOptions, "sessions"> {
  readonly sessions?: Omit<SessionsOptions, "cache">;
  readonly cache?: CacheOptions;
}

/** An application over sessions that no other test has. */
export interface Stage {
  readonly sessions: Sessions;
  /** The ids that sessions were asked for by, one per request that a door let through. */
  readonly asked: readonly unknown[];

  /** Opens the browser of a new visitor. */
  browser(options?: BrowserOptions): Browser;

  /** Starts the application a second time, over the same sessions. */
  second(options: Omit<SessionAppOptions, "sessions">): Promise<Stage>;

  /** Returns all keys that are stored, in their stored form. */
  storedKeys(): Promise<readonly string[]>;

  /** Lets time pass for the sessions: really on Redis. */
  pass(ms: number): Promise<void>;
}

/** Opens a stage for the test that asks. */
export type OpenStage = (options?: StageOptions) => Promise<Stage>;

/** Returns what opens stages with a framework's application in a place. */
export function stagesOf(kind: SessionAppKind, place: Place): OpenStage {
  return async ({ cache: cacheOptions, sessions: sessionsOptions, ...appOptions } = {}) => {
    const keyPrefix = freshPrefix();
    const clock = place === "memory" ? new ManualClock(Date.now()) : undefined;
    const location = place === "memory" ? "memory:" : sharedUrl();
    const cache = openCache({ location, keyPrefix, clock, ...cacheOptions });
    const sessions = createSessions({ cache, ...sessionsOptions });
    const scene: Scene = {
      kind,
      sessions,
      storedKeys: () => (place === "memory" ? recordKeys(cache) : redisKeys(keyPrefix)),
      pass: async (ms) => (clock ? clock.advance(ms) : wait(ms)),
    };
    return openStage(scene, appOptions);
  };
}

interface Scene extends Pick<Stage, "sessions" | "storedKeys" | "pass"> {
  readonly kind: SessionAppKind;
}

async function openStage(
  scene: Scene,
  options: Omit<SessionAppOptions, "sessions">,
): Promise<Stage> {
  const { kind, sessions, storedKeys, pass } = scene;
  const asked: unknown[] = [];
  const app = await kind.start({ ...options, sessions: watched(sessions, asked) });
  onTestFinished(() => app.close());
  return {
    sessions,
    asked,
    storedKeys,
    pass,
    browser: (browserOptions) => new Browser(app.url, browserOptions),
    second: (secondOptions) => openStage(scene, secondOptions),
  };
}

/** Returns the sessions, which note once loaded what they were asked for. */
function watched(sessions: Sessions, asked: unknown[]): Sessions {
  return {
    rolling: sessions.rolling,
    load: async (id, options) => {
      const session = await sessions.load(id, options);
      asked.push(id);
      return session;
    },
    list: (user) => sessions.list(user),
    destroyAll: (options) => sessions.destroyAll(options),
  };
}

async function recordKeys(cache: Cache): Promise<readonly string[]> {
  const access = sessionBackendOf(cache);
  const walk = access.records.keys(access.key("session:"), { count: access.scanCount });
  const batches: (readonly string[])[] = [];
  for await (const batch of walk) batches.push(batch);
  return batches.flat();
}

async function redisKeys(keyPrefix: string): Promise<readonly string[]> {
  const { socketPath } = inject("sharedRedis");
  const scan = ["-s", socketPath, "--scan", "--pattern", `${keyPrefix}*`];
  const { stdout } = await run("redis-cli", scan);
  return stdout.split("\n").filter((line) => line !== "");
}
