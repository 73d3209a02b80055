import { ConfigurationError } from "../contracts/errors.ts";
import type { KeyLayout } from "../contracts/key-layout.ts";
import type { KeyFunction, ReverseKeyFunction } from "../contracts/options.ts";
import { escapeGlob } from "../kit/glob.ts";

/** Django's layout: `prefix:version:key`. Right for prefixes that hold `:` themselves. */
export const djangoLayout: KeyLayout = {
  build: (key, prefix, version) => `${prefix}:${version}:${key}`,

  head: (prefix, version) => `${prefix}:${version}:`,

  commonPrefix: (prefix) => `${prefix}:`,

  pattern: (pattern, prefix, version) =>
    `${escapeGlob(prefix)}:${version === "all" ? "*" : version}:${pattern}`,

  parse(storedKey, prefix, version) {
    const head = version === "all" ? `${prefix}:` : `${prefix}:${version}:`;
    if (!storedKey.startsWith(head)) return undefined;
    const rest = storedKey.slice(head.length);
    return version === "all" ? afterVersion(rest) : rest;
  },
};

/**
 * A layout of the user's. Its patterns are made by building a key out of stand-ins and putting
 * the pattern in their place, so all that the function adds is taken literally.
 */
export function customLayout(keyFunction: KeyFunction, reverse: ReverseKeyFunction): KeyLayout {
  const build: KeyFunction = (key, prefix, version) =>
    requireStoredKey(keyFunction(key, prefix, version));
  return {
    build,

    pattern(pattern, prefix, version) {
      const template = build(standInKey, prefix, version === "all" ? standInVersion : version);
      if (!template.includes(standInKey)) throw keyIsHidden();
      const glob = escapeGlob(template).replaceAll(standInKey, () => pattern);
      if (version !== "all") return glob;
      const isVersioned = template !== build(standInKey, prefix, standInVersion + 1);
      if (isVersioned && !template.includes(String(standInVersion))) throw versionIsHidden();
      return glob.replaceAll(String(standInVersion), "*");
    },

    parse(storedKey, prefix, version) {
      const key = reverse(storedKey);
      const isOwn =
        version === "all"
          ? isOfSomeVersion(storedKey, build(key, prefix, standInVersion))
          : storedKey === build(key, prefix, version);
      return isOwn ? key : undefined;
    },
  };
}

/** Returns what follows a whole number and a colon: the key, after any version. */
function afterVersion(rest: string): string | undefined {
  return /^-?\d+:(.*)$/s.exec(rest)?.[1];
}

/** Whether a stored key is `template`, but for whole numbers where that has the stand-in for a version. */
function isOfSomeVersion(storedKey: string, template: string): boolean {
  const [head = "", ...parts] = template.split(String(standInVersion));
  let rest = storedKey.startsWith(head) ? storedKey.slice(head.length) : undefined;
  for (const part of parts) {
    const version = /^-?\d+/.exec(rest ?? "")?.[0];
    const isNext = version !== undefined && rest?.startsWith(part, version.length);
    rest = isNext ? rest?.slice(version.length + part.length) : undefined;
  }
  return rest === "";
}

function versionIsHidden(): ConfigurationError {
  return new ConfigurationError(
    "keyFunction",
    "clear() needs a keyFunction whose result holds the version in decimals; this one changes it.",
  );
}

function requireStoredKey(storedKey: unknown): string {
  if (typeof storedKey === "string" && storedKey !== "") return storedKey;
  throw new TypeError("keyFunction must return a string that is not empty.");
}

/** Private-use characters, which no glob treats specially and no real key is likely to hold. */
const standInKey = "\u{F8FF}key\u{F8FF}";
const standInVersion = 7_130_946_285_913;

function keyIsHidden(): ConfigurationError {
  return new ConfigurationError(
    "keyFunction",
    "Patterns need a keyFunction whose result holds the key's text as it is; this one changes it.",
  );
}
