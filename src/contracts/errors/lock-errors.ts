import { CacheError, type Caused, type KeyContext, quote } from "./cache-error.ts";

/** The lock was not free within `wait`. */
export class LockTimeoutError extends CacheError {
  override readonly name = "LockTimeoutError";
  override readonly code = "LOCK_TIMEOUT";
  readonly key: string;
  readonly waitMs: number;

  constructor({ key, waitMs }: KeyContext & { readonly waitMs: number }) {
    super(`The lock ${quote(key)} was not free within ${waitMs} ms.`);
    this.key = key;
    this.waitMs = waitMs;
  }
}

/** The lock expired, or somebody removed it, before its holder released it. */
export class LockLostError extends CacheError {
  override readonly name = "LockLostError";
  override readonly code = "LOCK_LOST";
  readonly key: string;

  constructor({ key, cause }: KeyContext & Caused) {
    super(`The lock ${quote(key)} is no longer held: it expired or was taken away.`, { cause });
    this.key = key;
  }
}
