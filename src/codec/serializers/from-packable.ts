import { DecodeError } from "../../contracts/errors.ts";
import { writtenByNewer } from "../envelope.ts";
import { createBareError, isErrorClassName } from "./native-class.ts";
import { mark, type TagKind } from "./tags.ts";

type Untag = (content: readonly unknown[]) => unknown;

const untagByKind: Readonly<Record<TagKind, Untag>> = {
  "-0": () => -0,
  text: toLooseText,
  array: ([items]) => requireArray(items).map(fromPackable),
  holes: toArrayWithHoles,
  object: ([pairs]) => Object.fromEntries(toEntries(pairs)),
  regexp: ([source, flags]) => new RegExp(String(fromPackable(source)), String(flags)),
  error: toError,
};

/**
 * Returns what a value with tags stood for before `toPackable`.
 *
 * Throws when the tags make no sense; nothing in them can reach further than the value itself.
 */
export function fromPackable(value: unknown): unknown {
  if (Array.isArray(value)) return value[0] === mark ? untag(value) : value.map(fromPackable);
  if (value instanceof Map)
    return new Map(Array.from(value, ([k, v]) => [fromPackable(k), fromPackable(v)]));
  if (value instanceof Set) return new Set(Array.from(value, fromPackable));
  return isRecord(value) ? Object.fromEntries(Object.entries(value).map(fromPackableEntry)) : value;
}

function untag([, kind, ...content]: readonly unknown[]): unknown {
  if (!isTagKind(kind)) throw writtenByNewer();
  return untagByKind[kind](content);
}

function toLooseText([bytes]: readonly unknown[]): string {
  if (!Buffer.isBuffer(bytes)) throw damagedTag();
  return bytes.toString("utf16le");
}

function toArrayWithHoles([length, pairs]: readonly unknown[]): unknown[] {
  const array: unknown[] = [];
  setLength(array, length);
  for (const [name, value] of toEntries(pairs)) define(array, { name, value, enumerable: true });
  if (array.length !== length) throw damagedTag();
  return array;
}

/**
 * Makes an empty array that long without reserving room for it, which setting its `length` would:
 * the length may be a lie.
 */
function setLength(array: unknown[], length: unknown): void {
  const isLength = typeof length === "number" && length >>> 0 === length;
  if (!isLength) throw damagedTag();
  if (length === 0) return;
  array[length - 1] = undefined;
  Reflect.deleteProperty(array, length - 1);
}

function toError([className, hidden, visible]: readonly unknown[]): Error {
  if (!isErrorClassName(className)) throw damagedTag();
  const error = createBareError(className);
  for (const [name, value] of toEntries(hidden)) define(error, { name, value, enumerable: false });
  for (const [name, value] of toEntries(visible)) define(error, { name, value, enumerable: true });
  return error;
}

function toEntries(pairs: unknown): [string, unknown][] {
  const flat = requireArray(pairs).map(fromPackable);
  const entries: [string, unknown][] = [];
  for (let index = 0; index < flat.length; index += 2) {
    const name = flat[index];
    if (typeof name !== "string") throw damagedTag();
    entries.push([name, flat[index + 1]]);
  }
  return entries;
}

/** Adds a property, whatever its name: assigning `__proto__` would change the prototype. */
function define(
  target: object,
  { name, value, enumerable }: { name: string; value: unknown; enumerable: boolean },
): void {
  const attributes = { value, enumerable, writable: true, configurable: true };
  if (!Reflect.defineProperty(target, name, attributes)) throw damagedTag();
}

function fromPackableEntry([name, value]: readonly [string, unknown]): [string, unknown] {
  return [name, fromPackable(value)];
}

function requireArray(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw damagedTag();
  return value;
}

function isTagKind(kind: unknown): kind is TagKind {
  return typeof kind === "string" && Object.hasOwn(untagByKind, kind);
}

function isRecord(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

function damagedTag(): DecodeError {
  return new DecodeError("it is damaged: one of its tags makes no sense");
}
