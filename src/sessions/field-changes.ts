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
  for (const name of new Set([...written, ...suspects])) {
    if (!now.has(name)) continue;
    const encoded = await codec.encode(now.get(name));
    const stored = written.has(name) ? undefined : base.get(name);
    if (stored !== undefined && (await isSame(codec, stored, encoded))) continue;
    set.set(name, encoded);
  }
  return { set, remove: [...base.keys()].filter((name) => !now.has(name)) };
}

/** Returns the fields as they are stored once the changes are. */
export function applyChanges(base: RecordFields, { set, remove }: FieldChanges): RecordFields {
  const after = new Map([...base, ...set]);
  for (const name of remove) after.delete(name);
  return after;
}

async function isSame(codec: ValueForm, stored: Encoded, encoded: Encoded): Promise<boolean> {
  if (haveSameBytes(stored, encoded)) return true;
  const rewritten = await codec.encode(await codec.decode(stored));
  return haveSameBytes(rewritten, encoded);
}

function haveSameBytes(one: Encoded, other: Encoded): boolean {
  if (typeof one === "string" && typeof other === "string") return one === other;
  return Buffer.from(one as Uint8Array).equals(Buffer.from(other as Uint8Array)); // either form of it
}
