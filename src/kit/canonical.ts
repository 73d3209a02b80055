import { isPlainObject } from "./plain-object.ts";

/** What has no value to compare: a function, a symbol, an instance of a class. */
export type Opaque = object | symbol;

/**
 * Returns a text that two values share exactly when they are equal by value, whatever the order of
 * their fields, entries or members.
 *
 * @param opaque gives the text of what has no value to compare, or throws
 */
export function canonicalText(value: unknown, opaque: (value: Opaque) => string): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "symbol" || typeof value === "function") return opaque(value);
  return typeof value === "object" && value !== null ? objectText(value, opaque) : String(value);
}

function objectText(value: object, opaque: (value: Opaque) => string): string {
  const inner = (item: unknown): string => canonicalText(item, opaque);
  if (Array.isArray(value)) return `[${listTexts(value, inner).join(",")}]`;
  if (value instanceof Date) return `date:${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString("base64url")}`;
  if (value instanceof Set) return `set:{${[...value].map(inner).toSorted().join(",")}}`;
  if (value instanceof Map) return `map:{${entriesText([...value], inner)}}`;
  return isPlainObject(value) ? `{${entriesText(Object.entries(value), inner)}}` : opaque(value);
}

/** A hole is not the same as `undefined`. */
function listTexts(list: readonly unknown[], inner: (item: unknown) => string): string[] {
  return Array.from(list, (item, index) => (index in list ? inner(item) : "hole"));
}

function entriesText(
  entries: readonly (readonly [unknown, unknown])[],
  inner: (item: unknown) => string,
): string {
  const texts = entries.map(([name, value]) => `${inner(name)}:${inner(value)}`);
  return texts.toSorted().join(",");
}
