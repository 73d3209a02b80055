import type { Expiry } from "./expiry.ts";
import { readExpiry, writeExpiry } from "./expiry.ts";

/** A session's place in the index of its user. */
export interface Lease {
  readonly user: string;
  /** How old the session may become before the entry has to be renewed. */
  readonly untilAgeMs: number;
}

/** What this library notes beside a session's fields. */
export interface SessionNotes {
  readonly expiry: Expiry | undefined;
  readonly lease: Lease | undefined;
}

/** Nothing noted. */
export const noNotes: SessionNotes = { expiry: undefined, lease: undefined };

/** The note that names a session's user. */
export const userNote = "user";
const expiryNote = "expiry";
const leaseNote = "lease";

/** Returns the notes as they were stored; what cannot be read counts as not noted. */
export function readNotes(stored: ReadonlyMap<string, string>): SessionNotes {
  const user = stored.get(userNote);
  const untilAgeMs = Number(stored.get(leaseNote) ?? Number.NaN);
  const hasLease = user !== undefined && Number.isFinite(untilAgeMs);
  return {
    expiry: readExpiry(stored.get(expiryNote)),
    lease: hasLease ? { user, untilAgeMs } : undefined,
  };
}

/** The notes of a session before a step, and after it. */
export interface NoteStep {
  readonly before: SessionNotes;
  readonly after: SessionNotes;
  /** Whether the field that names the user is written, be it with what was known of it before. */
  readonly writesUser: boolean;
}

/**
 * Returns the notes to write, `undefined` for those to remove: only what differs, so that requests
 * side by side undo nothing; and of the user all where the user is written, so that the last writer
 * of the field is that of its notes too.
 */
export function noteChanges({
  before,
  after,
  writesUser,
}: NoteStep): ReadonlyMap<string, string | undefined> {
  const [old, now] = [toTexts(before), toTexts(after)];
  const isWritten = (name: string): boolean => writesUser && name !== expiryNote;
  return new Map([...now].filter(([name, text]) => isWritten(name) || old.get(name) !== text));
}

function toTexts({ expiry, lease }: SessionNotes): ReadonlyMap<string, string | undefined> {
  return new Map([
    [expiryNote, expiry && writeExpiry(expiry)],
    [userNote, lease?.user],
    [leaseNote, lease && String(lease.untilAgeMs)],
  ]);
}
