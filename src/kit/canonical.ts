import { isPlainObject } from "./plain-data.ts";

/** What has no value to compare: a function, a symbol, an instance of a class. */
export type Opaque = object | symbol;

/**
 * Returns a text that two values share exactly when they are equal by value, whatever the order of
 * their fields, entries or members.
 *
 * @param opaque gives the text of what has no value to compare, or throws; an object within itself
 *   counts as such
 */
export function canonicalText(value: unknown, opaque: (value: Opaque) => string): string {
  const around = new Set<object>();
  return textOf(value);

  function textOf(item: unknown): string {
    if (typeof item === "string") return JSON.stringify(item);
    if (typeof item === "bigint") return `${item}n`;
    if (Object.is(item, -0)) return "-0";
    if (typeof item === "symbol" || typeof item === "function") return opaque(item);
    return typeof item === "object" && item !== null ? textOfObject(item) : String(item);
  }

  function textOfObject(item: object): string {
    if (around.has(item)) return opaque(item);
    around.add(item);
    const text = objectText(item, textOf) ?? opaque(item);
    around.delete(item);
    return text;
  }
}

/** Returns the text of an object that has a value to compare. */
function objectText(value: object, inner: (item: unknown) => string): string | undefined {
  if (Array.isArray(value)) return `[${listTexts(value, inner).join(",")}]`;
  if (value instanceof Date) return `date:${value.getTime()}`;
  if (value instanceof Uint8Array) return `bytes:${Buffer.from(value).toString("base64url")}`;
  if (value instanceof Set) return `set:{${[...value].map(inner).toSorted().join(",")}}`;
  if (value instanceof Map) return `map:{${entriesText([...value], inner)}}`;
  return isPlainObject(value) ? `{${entriesText(Object.entries(value), inner)}}` : undefined;
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
