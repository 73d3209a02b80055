import assert from "node:assert/strict";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import type {
  EntryRules,
  Lifetime,
  ReadReply,
  Store,
  WriteRules,
} from "../../../src/contracts/store.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";

/** A store under test, and how the suite opens, closes and ages it. */
export interface StoreSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** The clock that decides when entries expire. */
  readonly clock: Clock;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens an empty store. The suite flushes it, so nothing else may use it. */
  open(): Promise<Store>;

  /** Frees what `open` opened. */
  close?(store: Store): Promise<void>;

  /** Advances the clock by `ms`, or really waits that long. */
  pass(ms: number): Promise<void>;

  /** Stores a type other than text or bytes under a key. Absent if the backend has no other type. */
  plantForeignType?(key: string): Promise<void>;
}

/** What a rule's check gets. */
export interface StoreContext {
  readonly store: Store;
  readonly subject: StoreSubject;
}

export type StoreRule = Rule<StoreContext>;

export const minuteMs = 60_000;
export const forAMinute: Lifetime = { ttlMs: minuteMs };
export const forever: WriteRules = { lifetime: "forever" };
export const justWritten: WriteRules = { lifetime: forAMinute };

/** Expires within {@link momentMs}: short enough to wait for on a real clock. */
export const brief: Lifetime = { ttlMs: 40 };
export const momentMs = 60;

/** The longest time between a write and the check of its lifetime. */
const slackMs = 10_000;

/** Builds a rule whose check needs the store only. */
export function rule(name: string, check: (store: Store) => Promise<void>): StoreRule {
  return { name, check: ({ store }) => check(store) };
}

/** Builds a rule whose check advances time or stores a foreign type. */
export function ruleWith(name: string, check: (context: StoreContext) => Promise<void>): StoreRule {
  return { name, check };
}

/** Returns text as its UTF-8: a store may give back either for what was written as text. */
export function toBytes(encoded: ReadReply): Uint8Array | undefined {
  if (encoded instanceof Error) throw encoded;
  if (encoded === undefined) return undefined;
  return typeof encoded === "string" ? new TextEncoder().encode(encoded) : new Uint8Array(encoded);
}

export function assertSame(actual: ReadReply, expected: Encoded | undefined): void {
  assert.deepEqual(toBytes(actual), toBytes(expected));
}

/** Checks the value of a key; `undefined` means absent. */
export async function assertHolds(
  store: Store,
  key: string,
  expected: Encoded | undefined,
): Promise<void> {
  assertSame(await store.get(key), expected);
}

/** Checks the lifetime of a key just written. */
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

/** Returns the distinct keys that a scan yields, sorted. */
export async function scanned(store: Store, pattern: string, count = 100): Promise<string[]> {
  const keys = new Set<string>();
  for await (const batch of store.scan(pattern, { count })) {
    for (const key of batch) keys.add(key);
  }
  return [...keys].toSorted();
}

export async function writeAll(store: Store, keys: readonly string[]): Promise<void> {
  await writeMany(
    store,
    keys.map((key) => [key, "x"] as const),
    justWritten,
  );
}

/** Writes several entries by the same rules. */
export function writeMany(
  store: Store,
  entries: readonly (readonly [string, Encoded])[],
  rules: EntryRules,
): Promise<readonly (boolean | Error)[]> {
  return store.setMany(entries.map(([key, bytes]) => ({ key, bytes, rules })));
}

/** Returns `length` items, each made of its number. */
export function times<T>(length: number, make: (index: number) => T): T[] {
  return Array.from({ length }, (_, index) => make(index));
}
