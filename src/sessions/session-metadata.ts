import type { Expiry } from "./expiry.ts";
import { readExpiry, writeExpiry } from "./expiry.ts";

/** A session's entry in the index of its user's sessions. */
export interface UserEntry {
  readonly user: string;
  /** The session's age up to which the entry lasts; an older session has to renew it. */
  readonly untilAgeMs: number;
}

/** What this library stores beside a session's fields. */
export interface SessionMetadata {
  readonly expiry: Expiry | undefined;
  readonly entry: UserEntry | undefined;
}

/** Metadata in their stored form, by name. */
export type StoredMetadata = ReadonlyMap<string, string>;

/** Metadata to write, by name; `undefined` removes the item. */
export type MetadataChanges = ReadonlyMap<string, string | undefined>;

/** The metadata of a session that has none. */
export const noMetadata: SessionMetadata = { expiry: undefined, entry: undefined };

/** Changes nothing. */
export const noMetadataChanges: MetadataChanges = new Map();

/** The item that names a session's user. */
export const userItem = "user";
const expiryItem = "expiry";
const entryItem = "entry";

/** Returns the metadata that were stored. An item that cannot be read counts as absent. */
export function readMetadata(stored: StoredMetadata): SessionMetadata {
  const user = stored.get(userItem);
  const expiry = stored.get(expiryItem);
  const untilAgeMs = Number(stored.get(entryItem) ?? Number.NaN);
  const hasEntry = user !== undefined && Number.isFinite(untilAgeMs);
  return {
    expiry: expiry === undefined ? undefined : readExpiry(expiry),
    entry: hasEntry ? { user, untilAgeMs } : undefined,
  };
}

/** The metadata of a session before a step, and after it. */
export interface MetadataStep {
  readonly before: SessionMetadata;
  readonly after: SessionMetadata;
  /** Whether the step writes the field that names the user, even with the same user. */
  readonly writesUser: boolean;
}

/**
 * Returns the items to write: only those that differ, so that parallel requests do not undo each
 * other's. A step that writes the user's field writes all items of the user, so that the last
 * writer of the field is the last writer of its items too.
 */
export function metadataChanges({ before, after, writesUser }: MetadataStep): MetadataChanges {
  const isUntouched = before.expiry === after.expiry && before.entry === after.entry;
  if (isUntouched && !writesUser) return noMetadataChanges; // as most steps are
  const [old, now] = [toTexts(before), toTexts(after)];
  const isWritten = (name: string): boolean => writesUser && name !== expiryItem;
  return new Map([...now].filter(([name, text]) => isWritten(name) || old.get(name) !== text));
}

function toTexts({ expiry, entry }: SessionMetadata): MetadataChanges {
  return new Map([
    [expiryItem, expiry && writeExpiry(expiry)],
    [userItem, entry?.user],
    [entryItem, entry && String(entry.untilAgeMs)],
  ]);
}
