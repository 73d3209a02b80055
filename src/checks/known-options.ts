import { ConfigurationError } from "../contracts/errors.ts";

/** The names of the options that a function takes. */
export interface OptionNames {
  readonly known: ReadonlySet<string>;
  /** Options that a later version will honour, and that this one refuses rather than ignores. */
  readonly notYet: ReadonlySet<string>;
  /** The option whose fields these are, which is then the one at fault. */
  readonly within: string | undefined;
}

/** What there is to say of options beside their names. */
export interface OptionNotes {
  readonly notYet?: readonly string[];
  readonly within?: string;
}

/** Lists the options of a type: the compiler sees to it that none is forgotten, and none is made up. */
export function optionNames<Options>(
  known: Readonly<Record<keyof Options, true>>,
  { notYet = [], within }: OptionNotes = {},
): OptionNames {
  return { known: new Set(Object.keys(known)), notYet: new Set(notYet), within };
}

/**
 * Checks that `options` is an object with known names only: a misspelt option must not be ignored.
 *
 * @throws TypeError when it is no object, ConfigurationError for a name that is not known
 */
export function requireKnownOptions(
  of: string,
  options: unknown,
  { known, notYet, within }: OptionNames,
): asserts options is object {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`The options of ${of} must be an object.`);
  }
  for (const name in options) {
    if (known.has(name)) continue;
    const problem = notYet.has(name)
      ? "is not available in this version yet"
      : `is not known; known: ${[...known].join(", ")}`;
    throw new ConfigurationError(
      within ?? name,
      `The option ${JSON.stringify(name)} of ${of} ${problem}.`,
    );
  }
}
