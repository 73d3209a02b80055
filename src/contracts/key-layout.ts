import type { KeyFunction } from "./options.ts";

/** How a cache makes stored keys of a prefix, a version and a key, and takes them apart again. */
export interface KeyLayout {
  readonly build: KeyFunction;

  /** Returns what comes before the key in every stored key of this version; absent where more than that does. */
  head?(prefix: string, version: number): string;

  /** Returns what the stored keys of every version begin with; absent where they share no beginning. */
  commonPrefix?(prefix: string): string;

  /** Returns a glob of the stored keys of one version, or of all, whose keys match `pattern`. */
  pattern(pattern: string, prefix: string, version: number | "all"): string;

  /** Returns the key in a stored key of this prefix and version, or `undefined` when it is not one. */
  parse(storedKey: string, prefix: string, version: number | "all"): string | undefined;
}
