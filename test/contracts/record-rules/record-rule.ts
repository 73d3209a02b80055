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

/** A place for records to be held to the contract, and the means to do so. */
export interface RecordSubject {
  /** Names it in the title of the suite. */
  readonly name: string;

  /** The clock by which records end. */
  readonly clock: Clock;

  /** The rules these records are let off, by name, each with the reason. */
  readonly exemptions?: Exemptions;

  /** Opens a place with no records in it. */
  open(): Promise<RecordStore>;

  /** Frees what `open` opened. */
  close?(records: RecordStore): Promise<void>;

  /** Lets that much time pass: turns the clock, or really waits. */
  pass(ms: number): Promise<void>;

  /** Puts something that is no record under a key, where the backend can hold such. */
  plantForeignType?(key: string): Promise<void>;
}

/** What one rule is checked on. */
export interface RecordContext {
  readonly records: RecordStore;
  readonly subject: RecordSubject;
}

export type RecordRule = Rule<RecordContext>;

export const hourMs: number = 60 * minuteMs;
export const forAMinute: RecordLifetime = { ttlMs: minuteMs };
export const forAnHour: RecordLifetime = { ttlMs: hourMs };

/** Ends within `momentMs`, so that a rule may wait for it on a real clock. */
export const brief: RecordLifetime = { ttlMs: 40 };

export const someFields: RecordFields = new Map([
  ["name", "Ann"],
  ["city", "Rome"],
]);
export const otherFields: RecordFields = new Map([["fruit", "fig"]]);
export const noChange: RecordChange = { set: new Map(), remove: [] };

/** How long ago, at most, a lifetime may have been given when it is looked at. */
const slackMs = 10_000;

/** How far this process's clock and the store's may lie apart. */
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

/** Returns a move that changes nothing on its way, where it is not told otherwise. */
export function moving(from: string, to: string, rest: Partial<RecordMove> = {}): RecordMove {
  return { from, to, change: noChange, lifetime: forAMinute, rememberMs: minuteMs, ...rest };
}

/** Returns a record that must be there. */
export async function loaded(records: RecordStore, key: string): Promise<StoredRecord> {
  const record = await records.load(key);
  assert.ok(record, `no record lives under ${key}`);
  return record;
}

/** Checks that a record has these fields and no others, whichever form their values come in. */
export async function assertFields(
  records: RecordStore,
  key: string,
  expected: RecordFields,
): Promise<void> {
  const { fields } = await loaded(records, key);
  assert.deepEqual(bytesOf(fields), bytesOf(expected));
}

/** Checks that no record lives under a key. */
export async function assertGone(records: RecordStore, key: string): Promise<void> {
  assert.equal(await records.load(key), undefined);
}

/** Checks that so much time was left to a record a moment ago. */
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
