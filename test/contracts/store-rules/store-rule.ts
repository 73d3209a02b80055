import assert from "node:assert/strict";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import type { Lifetime, Store, WriteRules } from "../../../src/contracts/store.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** A store to be held to the contract, and the means to do so. */
export interface StoreSubject {
  /** Names it in the title of the suite. */
  readonly name: string;

  /** The clock by which the store's entries end. */
  readonly clock: Clock;

  /** The rules this store is let off, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens the store with nothing in it. The suite flushes it: it must not be shared. */
  open(): Promise<Store>;

  /** Frees what `open` opened. */
  close?(store: Store): Promise<void>;

  /** Lets that much time pass: turns the clock, or really waits. */
  pass(ms: number): Promise<void>;

  /** Puts something that is neither text nor bytes under a key, where the backend can hold such. */
  plantForeignType?(key: string): Promise<void>;
}

/** What one rule is checked on. */
export interface StoreContext {
  readonly store: Store;
  readonly subject: StoreSubject;
}

export type StoreRule = Rule<StoreContext>;

export const minuteMs = 60_000;
export const forAMinute: Lifetime = { ttlMs: minuteMs };
export const forever: WriteRules = { lifetime: "forever" };
export const justWritten: WriteRules = { lifetime: forAMinute };

/** Ends within {@link momentMs}, so that a rule may wait for it on a real clock. */
export const brief: Lifetime = { ttlMs: 40 };
export const momentMs = 60;

/** How long ago, at most, a lifetime may have been given when it is looked at. */
const slackMs = 10_000;

/** Builds a rule whose check needs no more than the store. */
export function rule(name: string, check: (store: Store) => Promise<void>): StoreRule {
  return { name, check: ({ store }) => check(store) };
}

/** Builds a rule whose check lets time pass, or plants what the store cannot write. */
export function ruleWith(name: string, check: (context: StoreContext) => Promise<void>): StoreRule {
  return { name, check };
}

/** Returns text as its UTF-8: a store may give back either for what was written as text. */
export function toBytes(encoded: Encoded | undefined): Uint8Array | undefined {
  if (encoded === undefined) return undefined;
  return typeof encoded === "string" ? new TextEncoder().encode(encoded) : new Uint8Array(encoded);
}

export function assertSame(actual: Encoded | undefined, expected: Encoded | undefined): void {
  assert.deepEqual(toBytes(actual), toBytes(expected));
}

/** Checks what lives under a key; `undefined` stands for nothing. */
export async function assertHolds(
  store: Store,
  key: string,
  expected: Encoded | undefined,
): Promise<void> {
  assertSame(await store.get(key), expected);
}

/** Checks that a key has the lifetime it was given a moment ago. */
export async function assertLives(store: Store, key: string, lifetime: Lifetime): Promise<void> {
  const remaining = await store.remainingMs(key);
  if (lifetime === "forever") {
    assert.equal(remaining, null);
    return;
  }
  const least = Math.max(1, lifetime.ttlMs - slackMs);
  const isNear = remaining !== null && remaining >= least && remaining <= lifetime.ttlMs;
  assert.ok(isNear, `${remaining} ms remain, expected ${least} to ${lifetime.ttlMs}`);
}

/** Returns every key that a scan tells, sorted, each once. */
export async function scanned(store: Store, pattern: string, count = 100): Promise<string[]> {
  const keys = new Set<string>();
  for await (const batch of store.scan(pattern, { count })) {
    for (const key of batch) keys.add(key);
  }
  return [...keys].toSorted();
}

export async function writeAll(store: Store, keys: readonly string[]): Promise<void> {
  await store.setMany(
    keys.map((key) => [key, "x"] as const),
    justWritten,
  );
}

/** Returns `length` items, each made of its number. */
export function times<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}
