import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import { SessionInterruptedError } from "../../../src/contracts/errors.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import type {
  FoundSession,
  SessionData,
  SessionLayout,
  SessionStore,
  SessionStoreOptions,
} from "../../../src/contracts/session-store.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** How the suite opens the caches whose session stores are under test. */
export interface SessionStoreSubject {
  /** The name in the title of the suite. */
  readonly name: string;
  readonly layout: SessionLayout;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens a cache on an empty store that nobody else uses. The suite closes it. */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Advances the clock by `ms`, or really waits that long. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What a rule's check gets. */
export interface SessionStoreContext {
  readonly cache: Cache;
  /** An empty store with the default options. */
  readonly store: SessionStore;
  readonly layout: SessionLayout;

  /** Opens another store in the same cache. */
  readonly another: (options?: Partial<SessionStoreOptions>) => SessionStore;

  readonly pass: (ms: number) => Promise<void>;
}

export type SessionStoreRule = Rule<SessionStoreContext>;

export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;

/** Expires within {@link momentMs}: short enough to wait for on a real clock. */
export const briefMs = 40;
export const momentMs = 60;

/** The longest time between a write and the check of its lifetime. */
const slackMs = 10_000;

/** How much longer a session may live than requested: the precision of the clock estimate. */
export const clockErrorMs = 20;

/** The largest difference between this process's clock and the store's. */
const driftMs = 1_000;

/** Builds a rule. */
export function rule(
  name: string,
  check: (context: SessionStoreContext) => Promise<void>,
): SessionStoreRule {
  return { name, check };
}

/** Stores a new session for an hour. Returns it as a read finds it. */
export async function stored(
  store: SessionStore,
  id: string,
  data: SessionData = { name: "Ann" },
): Promise<FoundSession> {
  await store.set(id, data, { lifetimeMs: hourMs });
  return found(store, id);
}

/** Returns a session. Fails if it does not exist. */
export async function found(store: SessionStore, id: string): Promise<FoundSession> {
  const session = await store.get(id);
  assert.ok(session, `there is no session under ${JSON.stringify(id)}`);
  return session;
}

/** Checks that a session has exactly these fields. */
export async function assertHolds(
  store: SessionStore,
  id: string,
  data: SessionData,
): Promise<void> {
  assert.deepEqual((await found(store, id)).data, data);
}

/** Checks that an id has no session. */
export async function assertGone(store: SessionStore, id: string): Promise<void> {
  assert.equal(await store.get(id), undefined);
}

/** Checks the remaining life of a session just written. */
export async function assertRemains(
  store: SessionStore,
  id: string,
  expectedMs: number,
): Promise<void> {
  const { remainingMs } = await found(store, id);
  const least = Math.max(1, expectedMs - slackMs);
  const isNear = remainingMs >= least && remainingMs <= expectedMs + driftMs;
  assert.ok(isNear, `${remainingMs} ms remain, expected ${least} to ${expectedMs}`);
}

/** Checks that a write was rejected because its session had ended. */
export async function assertInterrupted(write: Promise<unknown>): Promise<void> {
  await assert.rejects(write, SessionInterruptedError);
}
