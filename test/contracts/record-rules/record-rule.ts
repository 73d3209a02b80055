import assert from "node:assert/strict";
import type {
  RecordChange,
  RecordFields,
  RecordLifetime,
  RecordMove,
  RecordStore,
  StoredRecord,
} from "../../../src/contracts/records.ts";
import type { Encoded } from "../../../src/contracts/serializer.ts";
import type { Clock } from "../../../src/kit/clock.ts";
import type { Exemptions, Rule } from "../rules.ts";
import { minuteMs, toBytes } from "../store-rules/store-rule.ts";

/** A record store under test, and how the suite opens, closes and ages it. */
export interface RecordSubject {
  /** The name in the title of the suite. */
  readonly name: string;

  /** The clock that decides when records expire. */
  readonly clock: Clock;

  /** Rules that the suite skips, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens a store that has no records. */
  open(): Promise<RecordStore>;

  /** Frees what `open` opened. */
  close?(records: RecordStore): Promise<void>;

  /** Advances the clock by `ms`, or really waits that long. */
  pass(ms: number): Promise<void>;

  /** Stores another type than a record under a key. Absent if the backend has no other type. */
  plantForeignType?(key: string): Promise<void>;
}

/** What a rule's check gets. */
export interface RecordContext {
  readonly records: RecordStore;
  readonly subject: RecordSubject;
}

export type RecordRule = Rule<RecordContext>;

export const hourMs: number = 60 * minuteMs;
export const forAMinute: RecordLifetime = { ttlMs: minuteMs };
export const forAnHour: RecordLifetime = { ttlMs: hourMs };

/** Expires within `momentMs`: short enough to wait for on a real clock. */
export const brief: RecordLifetime = { ttlMs: 40 };

export const someFields: RecordFields = new Map([
  ["name", "Ann"],
  ["city", "Rome"],
]);
export const otherFields: RecordFields = new Map([["fruit", "fig"]]);
export const noChange: RecordChange = { set: new Map(), remove: [] };

/** The longest time between a write and the check of its lifetime. */
const slackMs = 10_000;

/** The largest difference between this process's clock and the store's. */
const driftMs = 1_000;

export function rule(name: string, check: (context: RecordContext) => Promise<void>): RecordRule {
  return { name, check };
}

/** Returns a change that sets these fields. */
export function setting(fields: Readonly<Record<string, Encoded>>): RecordChange {
  return { set: new Map(Object.entries(fields)), remove: [] };
}

/** Returns a change that removes these fields. */
export function removing(...names: readonly string[]): RecordChange {
  return { set: new Map(), remove: names };
}

/** Returns a move; without `change` it leaves the fields as they are. */
export function moving(from: string, to: string, rest: Partial<RecordMove> = {}): RecordMove {
  return { from, to, change: noChange, lifetime: forAMinute, rememberMs: minuteMs, ...rest };
}

/** Returns a record. Fails if it does not exist. */
export async function loaded(records: RecordStore, key: string): Promise<StoredRecord> {
  const record = await records.load(key);
  assert.ok(record, `no record lives under ${key}`);
  return record;
}

/** Checks that a record has exactly these fields; their values may be text or bytes. */
export async function assertFields(
  records: RecordStore,
  key: string,
  expected: RecordFields,
): Promise<void> {
  const { fields } = await loaded(records, key);
  assert.deepEqual(bytesOf(fields), bytesOf(expected));
}

/** Checks that a key has no record. */
export async function assertGone(records: RecordStore, key: string): Promise<void> {
  assert.equal(await records.load(key), undefined);
}

/** Checks the remaining life of a record just written. */
export async function assertRemains(
  records: RecordStore,
  key: string,
  expectedMs: number,
): Promise<void> {
  const { remainingMs } = await loaded(records, key);
  const least = Math.max(1, expectedMs - slackMs);
  const isNear = remainingMs >= least && remainingMs <= expectedMs + driftMs;
  assert.ok(isNear, `${remainingMs} ms remain, expected ${least} to ${expectedMs}`);
}

function bytesOf(fields: RecordFields): ReadonlyMap<string, Uint8Array | undefined> {
  return new Map(Array.from(fields, ([name, value]) => [name, toBytes(value)]));
}
