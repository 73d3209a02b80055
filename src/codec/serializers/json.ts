import { EncodeError } from "../../contracts/errors.ts";
import { keepNumber } from "../plain-text.ts";
import { classNameOf, isPlainArray, isPlainObject } from "./native-class.ts";
import { looksPlain } from "./plain-json.ts";
import { pathText, type Step } from "./value-path.ts";

/**
 * Returns the value as JSON text, as JavaScript writes it: what has a `toJSON`, as a Date, becomes
 * what that gives.
 *
 * What JSON leaves out inside an object is left out; a value of which nothing would be left, an
 * instance that would be flattened, as a Map, a BigInt and a cycle are an `EncodeError`.
 */
export function toStrictJson(value: unknown): string {
  if (!looksPlain(value)) findCulprit(value, refuseInstance);
  return toJson(value);
}

/** {@link toStrictJson} of a value that is known to hold no instance. */
export function toJson(value: unknown): string {
  // The cast: the standard library leaves out that there may be no text at all.
  const text = stringify(value) as string | undefined;
  if (text === undefined) throw new EncodeError("$", `${typeof value}, which JSON leaves out`);
  return keepNumber(text);
}

function stringify(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const { path, culprit } = findCulprit(value, () => undefined);
    const reason = typeof culprit === "bigint" ? "a BigInt" : "a cycle, too deep, or unreadable";
    throw new EncodeError(path, `${reason}, which JSON cannot write`, { cause });
  }
}

interface Culprit {
  readonly path: string;
  readonly culprit: unknown;
}

/** A Map would become `{}`, a class instance an object like any other. */
function refuseInstance(item: unknown, steps: readonly Step[]): void {
  if (typeof item !== "object" || item === null) return;
  if (isPlainObject(item) || isPlainArray(item)) return;
  const reason = `an instance of ${classNameOf(item)}, which JSON would flatten`;
  throw new EncodeError(pathText(steps), reason);
}

/**
 * Shows `inspect` everything that `JSON.stringify` looks at. Returns what that was last, which is
 * what it gave up on if it did.
 */
function findCulprit(
  value: unknown,
  inspect: (item: unknown, steps: readonly Step[]) => void,
): Culprit {
  const stepsTo = new Map<unknown, readonly Step[]>();
  let last: { steps: readonly Step[]; item: unknown } = { steps: [], item: value };

  function note(this: unknown, name: string, item: unknown): unknown {
    const stepsToHolder = stepsTo.get(this);
    const step = Array.isArray(this) ? Number(name) : name;
    last = { steps: stepsToHolder ? [...stepsToHolder, step] : [], item };
    if (typeof item === "object") stepsTo.set(item, last.steps);
    inspect(item, last.steps);
    return item;
  }

  try {
    JSON.stringify(value, note);
  } catch (error) {
    // Otherwise it fails as it fails without being watched; what counts is where.
    if (error instanceof EncodeError) throw error;
  }
  return { path: pathText(last.steps), culprit: last.item };
}
