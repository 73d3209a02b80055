import { isPlainArray, isPlainObject } from "./native-class.ts";

/** How many containers may be inside each other. */
export const maxDepth = 500;

/** {@link isPlainJson}, or false where a getter or proxy throws: a slower walk will tell where. */
export function looksPlain(value: unknown): boolean {
  try {
    return isPlainJson(value);
  } catch {
    return false;
  }
}

/**
 * Whether JSON gives the value back unchanged: text, finite numbers, booleans, null, and plain
 * objects and dense arrays of those.
 *
 * An object without a prototype counts as plain and comes back as an ordinary one. A nested -0 does
 * not pass (JSON writes 0), nor do `undefined`, holes, symbol keys, cycles and what is too deep.
 *
 * This runs over every value that is stored, so it keeps no path and copies nothing; who needs to
 * know why a value did not pass walks it again.
 */
function isPlainJson(value: unknown, depth = 1): boolean {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return true;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0);
  return typeof value === "object" && depth <= maxDepth && isPlainContainer(value, depth);
}

function isPlainContainer(value: object, depth: number): boolean {
  if (Object.getOwnPropertySymbols(value).length > 0) return false;
  // Most are objects and arrays of this realm, which one look at their prototype tells.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return isPlainRecord(value, depth);
  if (prototype === Array.prototype && Array.isArray(value)) return isPlainList(value, depth);
  if (isPlainArray(value)) return isPlainList(value, depth);
  return isPlainObject(value) && isPlainRecord(value, depth);
}

function isPlainList(items: readonly unknown[], depth: number): boolean {
  if (Object.keys(items).length !== items.length) return false;
  for (const item of items) {
    if (!isPlainJson(item, depth + 1)) return false;
  }
  return true;
}

function isPlainRecord(value: object, depth: number): boolean {
  // The cast: any object may be asked for any name. `for…in` is the fastest way through the names,
  // and nothing inherited is enumerable in a plain object.
  const record = value as Readonly<Record<string, unknown>>;
  for (const name in record) {
    if (!isPlainJson(record[name], depth + 1)) return false;
  }
  return true;
}
