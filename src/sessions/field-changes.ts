import { asBuffer } from "../codec/bytes.ts";
import { after, type MaybePromise, withRejectionHandled } from "../codec/maybe-promise.ts";
import type { Codec } from "../contracts/codec.ts";
import type { RecordFields } from "../contracts/records.ts";
import type { Encoded } from "../contracts/serializer.ts";

/** Changes of a session's fields, in their stored form. */
export interface FieldChanges {
  readonly set: RecordFields;
  readonly remove: readonly string[];
}

/** Changes nothing. */
export const noChanges: FieldChanges = { set: new Map(), remove: [] };

/** The fields to compare. */
export interface FieldComparison {
  /** As they are stored. */
  readonly base: RecordFields;
  /** As they are now. */
  readonly now: ReadonlyMap<string, unknown>;
  /** The names of those that count as changed, whatever they hold. */
  readonly written: ReadonlySet<string>;
  /** The names of those that may have changed. */
  readonly suspects: Iterable<string>;
}

/**
 * Returns what changed, including changes inside values: it compares stored forms. A value that only
 * another serializer or compressor would store differently has not changed.
 */
export function findChanges(
  codec: Codec,
  { base, now, written, suspects }: FieldComparison,
): MaybePromise<FieldChanges> {
  const set = new Map<string, Encoded>();
  const changes = { set, remove: missing(base, now) };
  const late: Promise<unknown>[] = []; // most values are encoded at once
  for (const name of written.size > 0 ? new Set([...written, ...suspects]) : suspects) {
    if (!now.has(name)) continue;
    const stored = written.has(name) ? undefined : base.get(name);
    const change = changeOf(codec, stored, now.get(name));
    const keep = (encoded: Encoded | undefined): void => {
      if (encoded !== undefined) set.set(name, encoded);
    };
    if (change instanceof Promise) late.push(withRejectionHandled(change.then(keep)));
    else keep(change);
  }
  return late.length > 0 ? Promise.all(late).then(() => changes) : changes;
}

/** Whether there is something to store. */
export function hasChanges({ set, remove }: FieldChanges): boolean {
  return set.size > 0 || remove.length > 0;
}

/** Returns the stored fields as the changes leave them. */
export function applyChanges(base: RecordFields, { set, remove }: FieldChanges): RecordFields {
  const fields = new Map(base);
  for (const [name, value] of set) fields.set(name, value);
  for (const name of remove) fields.delete(name);
  return fields;
}

function missing(base: RecordFields, now: ReadonlyMap<string, unknown>): readonly string[] {
  const names: string[] = [];
  for (const name of base.keys()) if (!now.has(name)) names.push(name);
  return names;
}

/** Returns the stored form of a value, or `undefined` if it equals what is stored. */
function changeOf(
  codec: Codec,
  stored: Encoded | undefined,
  value: unknown,
): MaybePromise<Encoded | undefined> {
  const encoding = codec.encode(value);
  if (stored === undefined) return encoding;
  return encoding instanceof Promise
    ? encoding.then((encoded) => unlessSame(codec, stored, { value, encoded }))
    : unlessSame(codec, stored, { value, encoded: encoding });
}

/** A value, and its stored form. */
interface Form {
  readonly value: unknown;
  readonly encoded: Encoded;
}

function unlessSame(codec: Codec, stored: Encoded, now: Form): MaybePromise<Encoded | undefined> {
  if (haveSameBytes(stored, now.encoded)) return undefined;
  const isSame = after(codec.decode(stored), (read) => isSameAgain(codec, read, now));
  return after(isSame, (same) => (same ? undefined : now.encoded));
}

/** Whether a stored value equals another: by identity, or once encoded anew, as a serializer may write one value in two ways. */
function isSameAgain(codec: Codec, read: unknown, now: Form): MaybePromise<boolean> {
  if (Object.is(read, now.value)) return true;
  return after(codec.encode(read), (again) => haveSameBytes(again, now.encoded));
}

function haveSameBytes(one: Encoded, other: Encoded): boolean {
  if (typeof one === "string") return one === (typeof other === "string" ? other : textIn(other));
  return typeof other === "string" ? textIn(one) === other : Buffer.compare(one, other) === 0;
}

/** The bytes are UTF-8: only text that is could be read. */
function textIn(bytes: Uint8Array): string {
  return asBuffer(bytes).toString();
}
