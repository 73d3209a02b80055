import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** How the suite opens the caches under test. */
export interface CacheSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** The clock that decides when values expire. */
  readonly clock: Clock;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /**
   * Opens an empty cache: with its own store, or with its own prefix in front of the one in
   * `options`. The suite flushes the store, and closes every cache it opened.
   */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Advances the clock by `ms`, or really waits that long. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What a rule's check gets. */
export interface CacheContext {
  /** An empty cache with the default options. */
  readonly cache: Cache;
  readonly clock: Clock;

  /** Opens another one, which the suite closes. */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  readonly pass: (ms: number) => Promise<void>;
}

export type CacheRule = Rule<CacheContext>;

/** Expires within {@link momentMs}: short enough to wait for on a real clock. */
export const brief = "40ms";
export const momentMs = 60;

/** The lifetime of a write in a cache without a `ttl` of its own. */
export const usualMs = 300_000;
export const minuteMs = 60_000;

/** The longest time between a write and the check of its lifetime. */
const slackMs = 10_000;

/** Builds a rule. */
export function rule(name: string, check: (context: CacheContext) => Promise<void>): CacheRule {
  return { name, check };
}

/** Checks the remaining life of a key just written with `ttlMs`; `null` means forever, 0 means absent. */
export async function assertLives(cache: Cache, key: string, ttlMs: number | null): Promise<void> {
  const remaining = await cache.pttl(key);
  if (ttlMs === null || ttlMs === 0) {
    assert.equal(remaining, ttlMs);
    return;
  }
  const least = Math.max(1, ttlMs - slackMs);
  const isNear = remaining !== null && remaining >= least && remaining <= ttlMs;
  assert.ok(isNear, `${remaining} ms remain, expected ${least} to ${ttlMs}`);
}

/** Checks that `change` keeps the key's remaining life to the millisecond, less the time that passed. */
export async function assertSameLife(
  cache: Cache,
  key: string,
  change: () => Promise<unknown>,
): Promise<void> {
  const started = performance.now();
  const before = (await cache.pttl(key)) ?? Number.NaN;
  await change();
  const after = (await cache.pttl(key)) ?? Number.NaN;
  const tookMs = Math.ceil(performance.now() - started) + 2;
  const isSame = before > 0 && after <= before && after >= before - tookMs;
  assert.ok(isSame, `${after} ms remain after ${before} ms, ${tookMs} ms later`);
}

/** Returns the keys that match a pattern, sorted. */
export async function sortedKeys(cache: Cache, pattern = "*"): Promise<string[]> {
  const found = await cache.keys(pattern);
  return found.toSorted();
}

/** Returns `length` items, each made from its index. */
export function times<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}

/** Returns a list that grows by one entry, such as `"hit key"`, with every event of a key. */
export function eventsOf(cache: Cache): string[] {
  const emitted: string[] = [];
  for (const event of ["hit", "miss", "write", "delete"] as const) {
    cache.on(event, ({ key }) => emitted.push(`${event} ${key}`));
  }
  return emitted;
}

/** Calls a method without type checks, as JavaScript does. Rejects with what the method throws. */
export async function call(
  cache: Cache,
  method: keyof Cache,
  ...args: unknown[]
): Promise<unknown> {
  const methods = cache as unknown as Record<keyof Cache, (...args: unknown[]) => unknown>;
  return methods[method](...args);
}

/** Messages of the engine's own TypeErrors, which show that the library did not check a value. */
const byAccident =
  /is not a function|Cannot (?:read|destructure|convert|mix)|is not iterable|undefined or null/;

/** Checks that a call rejects with a TypeError of the library, not with one of the engine. */
export async function assertTypeError(outcome: Promise<unknown>): Promise<void> {
  await assert.rejects(outcome, (error: unknown) => {
    assert.ok(error instanceof TypeError, `a ${String(error)} instead of a TypeError`);
    assert.doesNotMatch(error.message, byAccident);
    return true;
  });
}

/** A factory, loader or listener that must not run. */
export function mustNotRun(): never {
  assert.fail("it ran");
}

/** A promise that the test resolves. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
}

/** Returns a closed gate; a factory waits at its `promise`. */
export function gate<T = void>(): Gate<T> {
  const opening: Array<(value: T) => void> = [];
  const promise = new Promise<T>((resolve) => {
    opening.push(resolve);
  });
  return { promise, open: (value) => opening[0]?.(value) };
}

/** Yields each item of an iterable. */
export function* generated<T>(items: Iterable<T>): Generator<T> {
  yield* items;
}
