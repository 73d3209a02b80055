import { isPlainObject } from "../kit/plain-object.ts";
import { ConfigurationError } from "./errors.ts";

/** Refuses options that are misspelt rather than ignoring them. @throws ConfigurationError, TypeError */
export function requireKnownOptions(
  of: string,
  options: unknown,
  names: readonly string[],
): asserts options is object {
  if (!isPlainObject(options)) throw new TypeError(`The options of ${of} must be an object.`);
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const problem = `${of} does not know the option ${JSON.stringify(unknown)}`;
  throw new ConfigurationError(unknown, `${problem}; known: ${names.join(", ")}.`);
}
