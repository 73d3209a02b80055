import { createHash } from "node:crypto";
import { canonicalText } from "../kit/canonical.ts";

/** Longer texts are replaced by their digest. */
const longestText = 160;

/**
 * Returns a key for a call: `name:` and its arguments, so that equal arguments give equal keys and
 * different ones different keys. Objects count by value, whatever the order of their fields.
 *
 * @throws TypeError for an argument that has no value to compare: a function, a symbol, a class instance
 */
export function argumentKey(name: string, args: readonly unknown[]): string {
  const text = args.map((argument) => canonicalText(argument, refuse)).join(",");
  const short = text.length <= longestText && text.isWellFormed();
  return `${name}:${short ? text : digest(text)}`;
}

/** By UTF-16 code units: UTF-8 would make all halves of surrogate pairs the same. */
function digest(text: string): string {
  return createHash("sha256").update(text, "utf16le").digest("base64url");
}

function refuse(argument: unknown): never {
  const kind = typeof argument === "object" ? "class instance or a cycle" : typeof argument;
  throw new TypeError(`A ${kind} among the arguments of a memoized call: give \`key\` a function.`);
}
