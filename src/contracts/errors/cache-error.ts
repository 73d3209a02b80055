/*
 * Messages say what happened, with which value, and what to do; they never carry a password, a stored value or a
 * command's arguments.
 */

/** The base class of every error of this library. */
export abstract class CacheError extends Error {
  /** The class name without `Error`, in capitals: stable across versions, safe to switch on. */
  abstract readonly code: string;
}

/** An error about one value. The cache adds the key where the part that threw did not know it. */
export abstract class ValueError extends CacheError {
  /** The key as the caller gave it, without prefix and version. */
  key: string | undefined;

  /** Adds the key to the error and its message, unless the error has one. */
  at(key: string): this {
    if (this.key !== undefined) return this;
    const message = `${this.message} Key: ${quote(key)}.`;
    this.stack = this.stack?.replace(this.message, () => message) ?? "";
    this.message = message;
    this.key = key;
    return this;
  }
}

/** The key of an error. */
export interface KeyContext {
  /** The key as the caller gave it, without prefix and version. */
  readonly key: string;
}

/** The cause of an error. */
export interface Caused {
  readonly cause?: unknown;
}

const longestQuote = 200;

/** Returns a text as it may stand in a message: quoted, and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
