import assert from "node:assert/strict";
import type { Cache } from "../../../src/contracts/cache.ts";
import type { CacheOptions } from "../../../src/contracts/options.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** A way to open caches that is to be held to the contract. */
export interface CacheSubject {
  /** Names it in the title of the suite. */
  readonly name: string;

  /** The clock by which values end. */
  readonly clock: Clock;

  /** The rules it is let off, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /**
   * Opens a cache with nothing in it: a store of its own, or a prefix of its own before the one
   * that `options` names. The suite flushes the store, and closes every cache it opened.
   */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  /** Lets that much time pass: turns the clock, or really waits. */
  readonly pass: (ms: number) => Promise<void>;
}

/** What one rule is checked on. */
export interface CacheContext {
  /** A cache with the default options, and nothing in it. */
  readonly cache: Cache;
  readonly clock: Clock;

  /** Opens another one, which the suite closes. */
  readonly open: (options?: CacheOptions) => Promise<Cache>;

  readonly pass: (ms: number) => Promise<void>;
}

export type CacheRule = Rule<CacheContext>;

/** Ends within {@link momentMs}, so that a rule may wait for it on a real clock. */
export const brief = "40ms";
export const momentMs = 60;

/** How long a write lives in a cache that was told nothing. */
export const usualMs = 300_000;
export const minuteMs = 60_000;

/** How long ago, at most, a lifetime may have been given when it is looked at. */
const slackMs = 10_000;

/** Builds a rule. */
export function rule(name: string, check: (context: CacheContext) => Promise<void>): CacheRule {
  return { name, check };
}

/** Checks that a key lives as long as it was told to a moment ago; `null`: for ever, 0: not at all. */
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

/** Checks that what remains of a key's life is what remained before, to the millisecond, time apart. */
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

/** Returns all keys that a pattern finds, sorted. */
export async function sortedKeys(cache: Cache, pattern = "*"): Promise<string[]> {
  const found = await cache.keys(pattern);
  return found.toSorted();
}

/** Returns `length` items, each made of its number. */
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

/** Calls a method as JavaScript does, which checks no types. What it throws, rejects. */
export async function call(
  cache: Cache,
  method: keyof Cache,
  ...args: unknown[]
): Promise<unknown> {
  const methods = cache as unknown as Record<keyof Cache, (...args: unknown[]) => unknown>;
  return methods[method](...args);
}

/** What JavaScript itself complains of when a value was used unchecked. */
const byAccident =
  /is not a function|Cannot (?:read|destructure|convert|mix)|is not iterable|undefined or null/;

/** Checks that a call rejects with a TypeError that somebody wrote for the reader. */
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

/** A promise that is settled from outside. */
export interface Gate<T> {
  readonly promise: Promise<T>;
  readonly open: (value: T) => void;
}

/** Returns a gate that a factory can be made to wait at. */
export function gate<T = void>(): Gate<T> {
  const opening: Array<(value: T) => void> = [];
  const promise = new Promise<T>((resolve) => {
    opening.push(resolve);
  });
  return { promise, open: (value) => opening[0]?.(value) };
}

/** Each item of an iterable, as a generator. */
export function* generated<T>(items: Iterable<T>): Generator<T> {
  yield* items;
}
