import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Cache } from "../../../src/contracts/cache.ts";
import { SessionInterruptedError } from "../../../src/contracts/errors.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import type { Session, Sessions, SessionsOptions } from "../../../src/contracts/sessions.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import { sessionBackendOf } from "../../../src/sessions/session-backend.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** How the suite opens the caches whose sessions are under test. */
export interface SessionSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** The clock that decides when sessions expire. */
  readonly clock: Clock;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /**
   * Opens an empty cache: with its own store, or with its own prefix in front of the one in
   * `options`. The suite closes every cache it opened.
   */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Advances the clock by `ms`, or really waits that long. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What a rule's check gets. */
export interface SessionContext {
  /** An empty cache with the default options. */
  readonly cache: Cache;
  /** Its sessions, with the default options. */
  readonly sessions: Sessions;
  readonly clock: Clock;

  /** Makes sessions with other options in the same cache. */
  readonly make: (options?: Omit<SessionsOptions, "cache">) => Sessions;

  /** Opens another cache, which the suite closes. */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  readonly pass: (ms: number) => Promise<void>;
}

export type SessionRule = Rule<SessionContext>;

/** Expires within {@link momentMs}: short enough to wait for on a real clock. */
export const brief = "40ms";
export const momentMs = 60;

export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;
export const dayMs: number = 24 * hourMs;

/** The longest time between a write and the check of its lifetime. */
const slackMs = 10_000;

/** The largest difference between this process's clock and the store's. */
const driftMs = 1_000;

/** Builds a rule. */
export function rule(name: string, check: (context: SessionContext) => Promise<void>): SessionRule {
  return { name, check };
}

/** Returns a well-formed id that belongs to no session. */
export function unknownId(letter: string = "A"): string {
  return letter.repeat(46);
}

/** Waits for this many turns of the microtask queue. */
export async function microtasks(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve();
}

/** Returns bytes that do not compress. */
export function noise(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** Stores a session with these fields. Returns it. */
export async function stored(
  sessions: Sessions,
  fields: Readonly<Record<string, unknown>> = { name: "Ann" },
): Promise<Session> {
  const session = await sessions.load(undefined);
  session.update(fields);
  assert.equal(await session.save(), true);
  return session;
}

/** Loads the session again, as another request does. Fails if it does not exist. */
export async function again(sessions: Sessions, { id }: Session): Promise<Session> {
  const session = await sessions.load(id);
  assert.equal(session.id, id, "the session is gone");
  assert.notEqual(id, undefined);
  return session;
}

/** Returns the fields of a session. */
export function fieldsOf(session: Session): ReadonlyMap<string, unknown> {
  return new Map(session.entries());
}

/** Checks that a request with this session's id finds exactly these fields. */
export async function assertStored(
  sessions: Sessions,
  session: Session,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const found = await again(sessions, session);
  assert.deepEqual(fieldsOf(found), new Map(Object.entries(fields)));
}

/** Checks that an id has no session. */
export async function assertDead(sessions: Sessions, id: string | undefined): Promise<void> {
  assert.notEqual(id, undefined);
  const found = await sessions.load(id);
  assert.deepEqual(
    { isNew: found.isNew, isEmpty: found.isEmpty, id: found.id, keys: found.keys() },
    { isNew: true, isEmpty: true, id: undefined, keys: [] },
  );
}

/** Checks that a call rejected because the session had ended. */
export async function assertInterrupted(step: Promise<unknown>): Promise<void> {
  await assert.rejects(step, (error) => {
    return error instanceof SessionInterruptedError && error.code === "SESSION_INTERRUPTED";
  });
}

/** Checks that `act` throws a TypeError. */
export function assertRefused(act: () => unknown): void {
  assert.throws(act, TypeError);
}

/** Returns the remaining milliseconds of a stored session. Needs the default `keyPrefix`. */
export async function remainingMs(cache: Cache, { handle }: Session): Promise<number> {
  const access = sessionBackendOf(cache);
  const record = await access.records.load(access.key(`session:${handle}`));
  return record?.remainingMs ?? Number.NaN;
}

/** Checks the remaining life of a session just stored. */
export async function assertLives(
  cache: Cache,
  session: Session,
  expectedMs: number,
): Promise<void> {
  assertNear(await remainingMs(cache, session), expectedMs);
}

/** Checks a remaining time read just after a write. */
export function assertNear(actualMs: number, expectedMs: number): void {
  const isNear = actualMs >= expectedMs - slackMs && actualMs <= expectedMs + driftMs;
  assert.ok(isNear, `${actualMs} ms are left, expected ${expectedMs} at most`);
}

/** Calls a method without type checks, as JavaScript does. */
export function call(session: Session, method: keyof Session, ...args: unknown[]): unknown {
  const methods = session as unknown as Record<keyof Session, (...args: unknown[]) => unknown>;
  return methods[method](...args);
}
