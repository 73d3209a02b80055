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

/** A way to open caches whose session stores are to be held to the contract. */
export interface SessionStoreSubject {
  /** Names it in the title of the suite. */
  readonly name: string;
  readonly layout: SessionLayout;

  /** The rules it is let off, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens a cache with nothing in it, in a place where nobody else keeps anything. The suite closes it. */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Lets that much time pass: turns the clock, or really waits. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What one rule is checked on. */
export interface SessionStoreContext {
  readonly cache: Cache;
  /** The store with the default options, and nothing in it. */
  readonly store: SessionStore;
  readonly layout: SessionLayout;

  /** Opens another store in the same cache. */
  readonly another: (options?: Partial<SessionStoreOptions>) => SessionStore;

  readonly pass: (ms: number) => Promise<void>;
}

export type SessionStoreRule = Rule<SessionStoreContext>;

export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;

/** Is over within {@link momentMs}, so that a rule may wait for it on a real clock. */
export const briefMs = 40;
export const momentMs = 60;

/** How long ago, at most, a lifetime may have been given when it is looked at. */
const slackMs = 10_000;

/** How much longer than named a session may live, since the server's clock is known no better. */
export const clockErrorMs = 20;

/** How far this process's clock and the store's may lie apart. */
const driftMs = 1_000;

/** Builds a rule. */
export function rule(
  name: string,
  check: (context: SessionStoreContext) => Promise<void>,
): SessionStoreRule {
  return { name, check };
}

/** Stores a new session for an hour. Returns it as it is found. */
export async function stored(
  store: SessionStore,
  id: string,
  data: SessionData = { name: "Ann" },
): Promise<FoundSession> {
  await store.set(id, data, { lifetimeMs: hourMs });
  return found(store, id);
}

/** Returns a session, which must be there. */
export async function found(store: SessionStore, id: string): Promise<FoundSession> {
  const session = await store.get(id);
  assert.ok(session, `there is no session under ${JSON.stringify(id)}`);
  return session;
}

/** Checks that a session has these fields and no others. */
export async function assertHolds(
  store: SessionStore,
  id: string,
  data: SessionData,
): Promise<void> {
  assert.deepEqual((await found(store, id)).data, data);
}

/** Checks that there is no session under an id. */
export async function assertGone(store: SessionStore, id: string): Promise<void> {
  assert.equal(await store.get(id), undefined);
}

/** Checks that so much time was left to a session a moment ago. */
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

/** Checks that a write was refused, since its session lives no more. */
export async function assertInterrupted(write: Promise<unknown>): Promise<void> {
  await assert.rejects(write, SessionInterruptedError);
}
