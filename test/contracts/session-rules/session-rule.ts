import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Cache } from "../../../src/contracts/cache.ts";
import { SessionInterruptedError } from "../../../src/contracts/errors.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import { recordAccessOf } from "../../../src/contracts/record-access.ts";
import type { Session, Sessions, SessionsOptions } from "../../../src/contracts/sessions.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** A way to open caches whose sessions are to be held to the contract. */
export interface SessionSubject {
  /** Names it in the title of the suite. */
  readonly name: string;

  /** The clock by which sessions end. */
  readonly clock: Clock;

  /** The rules it is let off, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /**
   * Opens a cache with nothing in it: a store of its own, or a prefix of its own before the one
   * that `options` names. The suite closes every cache it opened.
   */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Lets that much time pass: turns the clock, or really waits. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What one rule is checked on. */
export interface SessionContext {
  /** A cache with the default options, and nothing in it. */
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

/** Ends within {@link momentMs}, so that a rule may wait for it on a real clock. */
export const brief = "40ms";
export const momentMs = 60;

export const minuteMs = 60_000;
export const hourMs: number = 60 * minuteMs;
export const dayMs: number = 24 * hourMs;

/** How long ago, at most, a lifetime may have been given when it is looked at. */
const slackMs = 10_000;

/** How far this process's clock and the store's may lie apart. */
const driftMs = 1_000;

/** Builds a rule. */
export function rule(name: string, check: (context: SessionContext) => Promise<void>): SessionRule {
  return { name, check };
}

/** Returns an id of the right shape that nobody was given. */
export function unknownId(letter: string = "A"): string {
  return letter.repeat(43);
}

/** Lets so many steps of what is under way be taken. */
export async function microtasks(count: number): Promise<void> {
  for (let step = 0; step < count; step++) await Promise.resolve();
}

/** Returns bytes that no compressor makes fewer. */
export function noise(sizeBytes: number): Buffer {
  return randomBytes(sizeBytes);
}

/** Returns a session that is stored with these fields. */
export async function stored(
  sessions: Sessions,
  fields: Readonly<Record<string, unknown>> = { name: "Ann" },
): Promise<Session> {
  const session = await sessions.load(undefined);
  session.update(fields);
  assert.equal(await session.save(), true);
  return session;
}

/** Returns the same session as another request finds it, which must be there. */
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

/** Checks that a request that brings this session's id finds these fields and no others. */
export async function assertStored(
  sessions: Sessions,
  session: Session,
  fields: Readonly<Record<string, unknown>>,
): Promise<void> {
  const found = await again(sessions, session);
  assert.deepEqual(fieldsOf(found), new Map(Object.entries(fields)));
}

/** Checks that an id stands for no session. */
export async function assertDead(sessions: Sessions, id: string | undefined): Promise<void> {
  assert.notEqual(id, undefined);
  const found = await sessions.load(id);
  assert.deepEqual(
    { isNew: found.isNew, isEmpty: found.isEmpty, id: found.id, keys: found.keys() },
    { isNew: true, isEmpty: true, id: undefined, keys: [] },
  );
}

/** Checks that a step was refused since the session had been destroyed. */
export async function assertInterrupted(step: Promise<unknown>): Promise<void> {
  await assert.rejects(step, (error) => {
    return error instanceof SessionInterruptedError && error.code === "SESSION_INTERRUPTED";
  });
}

/** Checks that `act` throws a TypeError. */
export function assertRefused(act: () => unknown): void {
  assert.throws(act, TypeError);
}

/** Returns the milliseconds left to a stored session of the default `keyPrefix`. */
export async function remainingMs(cache: Cache, { handle }: Session): Promise<number> {
  const access = recordAccessOf(cache);
  const record = await access.records.load(access.key(`session:${handle}`));
  return record?.remainingMs ?? Number.NaN;
}

/** Checks that so much time was left to a stored session a moment ago. */
export async function assertLives(
  cache: Cache,
  session: Session,
  expectedMs: number,
): Promise<void> {
  assertNear(await remainingMs(cache, session), expectedMs);
}

/** Checks that a time left was that long a moment ago. */
export function assertNear(actualMs: number, expectedMs: number): void {
  const isNear = actualMs >= expectedMs - slackMs && actualMs <= expectedMs + driftMs;
  assert.ok(isNear, `${actualMs} ms are left, expected ${expectedMs} at most`);
}

/** Calls a method as JavaScript does, which checks no types. */
export function call(session: Session, method: keyof Session, ...args: unknown[]): unknown {
  const methods = session as unknown as Record<keyof Session, (...args: unknown[]) => unknown>;
  return methods[method](...args);
}
