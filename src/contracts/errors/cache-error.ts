/*
 * Messages say what happened, with which value, and what to do; they never carry a password, a stored value or a
 * command's arguments.
 */

/** What every error of this library is: catch this to catch them all. */
export abstract class CacheError extends Error {
  /** The class name without `Error`, in capitals: stable across versions, safe to switch on. */
  abstract readonly code: string;
}

/** An error about one value; the engine adds the key where the part that threw did not know it. */
export abstract class ValueError extends CacheError {
  /** The key as the caller gave it, without prefix and version. */
  key: string | undefined;

  /** Names the key, here and in the message, unless it is named already. */
  at(key: string): this {
    if (this.key !== undefined) return this;
    const message = `${this.message} Key: ${quote(key)}.`;
    this.stack = this.stack?.replace(this.message, () => message) ?? "";
    this.message = message;
    this.key = key;
    return this;
  }
}

/** The key that an error is about. */
export interface KeyContext {
  /** The key as the caller gave it, without prefix and version. */
  readonly key: string;
}

/** What led to an error. */
export interface Caused {
  readonly cause?: unknown;
}

const longestQuote = 200;

/** Returns a text as it may stand in a message: quoted, and not too long. */
export function quote(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
