/** Whether `value` is an object of no class, whatever realm it comes from: `{}`, or without a prototype. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * Freezes plain data, all the way down: primitives, arrays, and objects of no class. Returns whether the value is
 * plain data; a value that is not, or that contains something else, stays unfrozen as a whole.
 */
export function freezePlainData(value: unknown): boolean {
  if (typeof value === "function") return false;
  if (!isObject(value)) return true;
  const parts = new Set<object>([value]); // it grows while it is walked
  for (const part of parts) {
    if (!Array.isArray(part) && !isPlainObject(part)) return false;
    for (const member of Object.values(part)) {
      if (typeof member === "function") return false;
      if (isObject(member)) parts.add(member);
    }
  }
  for (const part of parts) Object.freeze(part);
  return true;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
