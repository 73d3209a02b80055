import { asBuffer } from "../codec/bytes.ts";
import type { ValueForm } from "../contracts/record-access.ts";
import type { RecordFields } from "../contracts/records.ts";
import type { Encoded } from "../contracts/serializer.ts";

/** What was done to the fields of a session, in their stored form. */
export interface FieldChanges {
  readonly set: RecordFields;
  readonly remove: readonly string[];
}

/** The fields to compare. */
export interface FieldComparison {
  /** As they were stored. */
  readonly base: RecordFields;
  /** As they are now. */
  readonly now: ReadonlyMap<string, unknown>;
  /** Those that count as changed, whatever they hold. */
  readonly written: ReadonlySet<string>;
  /** Those that may have changed. */
  readonly suspects: Iterable<string>;
}

/**
 * Returns what changed, changes inside of values among it: a field is compared in its stored form.
 * What merely was written by another serializer, or compressed otherwise, has not changed.
 */
export async function findChanges(
  codec: ValueForm,
  { base, now, written, suspects }: FieldComparison,
): Promise<FieldChanges> {
  const set = new Map<string, Encoded>();
  for (const name of written) {
    if (now.has(name)) set.set(name, await codec.encode(now.get(name)));
  }
  for (const name of suspects) {
    if (written.has(name) || !now.has(name)) continue;
    const value = now.get(name);
    const encoding = codec.encode(value);
    const encoded = encoding instanceof Promise ? await encoding : encoding; // most are there
    const stored = base.get(name);
    const isSame = stored !== undefined && isSameValue(codec, stored, { value, encoded });
    if (isSame === true || (isSame !== false && (await isSame))) continue;
    set.set(name, encoded);
  }
  const remove: string[] = [];
  for (const name of base.keys()) if (!now.has(name)) remove.push(name);
  return { set, remove };
}

/** Whether there is anything to store. */
export function hasChanges({ set, remove }: FieldChanges): boolean {
  return set.size > 0 || remove.length > 0;
}

/** Returns the fields as they are stored once the changes are. */
export function applyChanges(base: RecordFields, { set, remove }: FieldChanges): RecordFields {
  const after = new Map(base);
  for (const [name, value] of set) after.set(name, value);
  for (const name of remove) after.delete(name);
  return after;
}

/** A value, and its stored form. */
interface Form {
  readonly value: unknown;
  readonly encoded: Encoded;
}

function isSameValue(codec: ValueForm, stored: Encoded, now: Form): boolean | Promise<boolean> {
  if (haveSameBytes(stored, now.encoded)) return true;
  const read = codec.decode(stored);
  return read instanceof Promise
    ? read.then((value) => isSameAgain(codec, value, now))
    : isSameAgain(codec, read, now);
}

/** A serializer need not write a value twice in the same way; of what is no object, the value itself tells. */
function isSameAgain(codec: ValueForm, read: unknown, now: Form): boolean | Promise<boolean> {
  if (Object.is(read, now.value)) return true;
  const again = codec.encode(read);
  return again instanceof Promise
    ? again.then((encoded) => haveSameBytes(encoded, now.encoded))
    : haveSameBytes(again, now.encoded);
}

function haveSameBytes(one: Encoded, other: Encoded): boolean {
  if (typeof one === "string") return one === (typeof other === "string" ? other : textIn(other));
  return typeof other === "string" ? textIn(one) === other : Buffer.compare(one, other) === 0;
}

/** Stored text is UTF-8, or it could not have been read. */
function textIn(bytes: Uint8Array): string {
  return asBuffer(bytes).toString();
}
