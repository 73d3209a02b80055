/**
 * Every error of cachewell. Messages say what happened, with which value, and what to do; they
 * never carry a password, a stored value or a command's arguments.
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

/** What an operation on the store was doing when it failed. */
export interface OperationContext extends Caused {
  /** The command or step that failed, for example `"SET"` or `"connect"`. */
  readonly operation: string;

  /** Whether a write may have reached the server before the failure. */
  readonly maybeApplied?: boolean;
}

/** An option, or a set of options, that cannot be meant: unknown, contradictory, or not available. */
export class ConfigurationError extends CacheError {
  override readonly name = "ConfigurationError";
  override readonly code = "CONFIGURATION";
  /** The option at fault, for example `"location"`. */
  readonly option: string;

  constructor(option: string, message: string, options?: Caused) {
    super(message, options);
    this.option = option;
  }
}

/** `caches.get(alias)` was asked for an alias that was never configured. */
export class UnknownCacheError extends CacheError {
  override readonly name = "UnknownCacheError";
  override readonly code = "UNKNOWN_CACHE";
  readonly alias: string;
  /** The aliases that do exist. */
  readonly aliases: readonly string[];

  constructor(alias: string, aliases: readonly string[]) {
    const known = aliases.map((name) => JSON.stringify(name)).join(", ");
    super(`There is no cache named ${JSON.stringify(alias)}; configured: ${known || "none"}.`);
    this.alias = alias;
    this.aliases = aliases;
  }
}

/** The key is absent, or has expired, where the operation needs it. Nothing was changed. */
export class CacheMissError extends CacheError {
  override readonly name = "CacheMissError";
  override readonly code = "CACHE_MISS";
  readonly key: string;

  constructor({ key }: KeyContext) {
    super(`There is no value under ${quote(key)}.`);
    this.key = key;
  }
}

/** `incr` or `decr` met a value that is not an integer. Value and lifetime are as they were. */
export class NotAnIntegerError extends CacheError {
  override readonly name = "NotAnIntegerError";
  override readonly code = "NOT_AN_INTEGER";
  readonly key: string;

  constructor({ key, cause }: KeyContext & Caused) {
    super(`The value under ${quote(key)} is not an integer, so it cannot be counted up.`, {
      cause,
    });
    this.key = key;
  }
}

/** A counter would leave the range of 64-bit integers. Value and lifetime are as they were. */
export class CounterOverflowError extends CacheError {
  override readonly name = "CounterOverflowError";
  override readonly code = "COUNTER_OVERFLOW";
  readonly key: string;

  constructor({ key, cause }: KeyContext & Caused) {
    super(`The counter under ${quote(key)} would leave the 64-bit range.`, { cause });
    this.key = key;
  }
}

/** The key holds a Redis type that is not a string: something else than this library wrote it. */
export class WrongTypeError extends ValueError {
  override readonly name = "WrongTypeError";
  override readonly code = "WRONG_TYPE";

  constructor(options?: Caused) {
    super("The key holds another Redis type than a string.", options);
  }
}

/** The value cannot be stored without loss: a function, a symbol, a class instance, a cycle. */
export class EncodeError extends ValueError {
  override readonly name = "EncodeError";
  override readonly code = "ENCODE";
  /** Where in the value the trouble is, for example `"$.user.save"`. */
  readonly path: string;

  constructor(path: string, reason: string, options?: Caused) {
    super(`The value cannot be stored: ${path} is ${reason}.`, options);
    this.path = path;
  }
}

/** The stored bytes cannot be read back: written by something else, damaged, or by a newer version. */
export class DecodeError extends ValueError {
  override readonly name = "DecodeError";
  override readonly code = "DECODE";

  constructor(reason: string, options?: Caused) {
    super(`The stored value cannot be read: ${reason}.`, options);
  }
}

/** An encoded, or decompressed, value is larger than `maxValueBytes`, or a session than its `maxBytes`. Nothing was written. */
export class ValueTooLargeError extends ValueError {
  override readonly name = "ValueTooLargeError";
  override readonly code = "VALUE_TOO_LARGE";
  readonly maxBytes: number;
  /** The size that was refused, where it is known. */
  readonly sizeBytes: number | undefined;

  constructor(maxBytes: number, sizeBytes?: number, bound: SizeBound = sizeOfValue) {
    const size = sizeBytes === undefined ? "larger than" : `${sizeBytes} bytes, more than`;
    super(`The ${bound.what} is ${size} ${bound.option} (${maxBytes}).`);
    this.maxBytes = maxBytes;
    this.sizeBytes = sizeBytes;
  }
}

/** What is too large, and the option that says so. */
export interface SizeBound {
  readonly what: string;
  readonly option: string;
}

const sizeOfValue: SizeBound = { what: "encoded value", option: "maxValueBytes" };

/**
 * The store did not serve: connection refused or lost, or a server that says it cannot answer now
 * (LOADING, BUSY, MASTERDOWN, CLUSTERDOWN, READONLY, max clients).
 */
export class StoreUnavailableError extends CacheError {
  override readonly name = "StoreUnavailableError";
  override readonly code = "STORE_UNAVAILABLE";
  readonly operation: string;
  readonly maybeApplied: boolean;
  /** What the server says that it is in, `LOADING` for example; `undefined` where it said nothing. */
  readonly reason: string | undefined;

  constructor(problem: string, context: OperationContext & { readonly reason?: string }) {
    const { operation, maybeApplied = false, cause, reason } = context;
    super(`The store is unavailable (${operation}): ${problem}.`, { cause });
    this.operation = operation;
    this.maybeApplied = maybeApplied;
    this.reason = reason;
  }
}

/** Returns whether an error tells of a write that was sent, and may have been done. */
export function mayBeApplied(error: unknown): boolean {
  const isOfStore = error instanceof StoreUnavailableError || error instanceof CommandTimeoutError;
  return isOfStore && error.maybeApplied;
}

/** The server answered, and refused: out of memory, no permission, wrong password. */
export class ServerRefusedError extends CacheError {
  override readonly name = "ServerRefusedError";
  override readonly code = "SERVER_REFUSED";
  readonly operation: string;
  /** The first word of the server's answer: `OOM`, `NOPERM`, `NOAUTH`, `WRONGPASS`, `ERR` … */
  readonly reason: string;

  constructor(reason: string, { operation, cause }: OperationContext) {
    super(`The server refused ${operation}: ${reason}; its answer is in \`cause\`.`, { cause });
    this.operation = operation;
    this.reason = reason;
  }
}

/** No answer within the bound. A write that had been sent may still have been applied. */
export class CommandTimeoutError extends CacheError {
  override readonly name = "CommandTimeoutError";
  override readonly code = "COMMAND_TIMEOUT";
  readonly operation: string;
  readonly timeoutMs: number;
  readonly maybeApplied: boolean;

  constructor(timeoutMs: number, { operation, maybeApplied = false }: OperationContext) {
    super(`No answer to ${operation} within ${timeoutMs} ms.`);
    this.operation = operation;
    this.timeoutMs = timeoutMs;
    this.maybeApplied = maybeApplied;
  }
}

/** As much is in flight as `maxPending`, or `maxPendingBytes`, allows. This call was not sent. */
export class OverloadedError extends CacheError {
  override readonly name = "OverloadedError";
  override readonly code = "OVERLOADED";
  /** The option whose bound is reached. */
  readonly option: "maxPending" | "maxPendingBytes";
  /** That bound. */
  readonly max: number;

  constructor(option: "maxPending" | "maxPendingBytes", max: number) {
    const what = option === "maxPending" ? "calls" : "bytes";
    super(`${max} ${what} are already in flight (${option}); this call was not sent.`);
    this.option = option;
    this.max = max;
  }
}

/** A lock could not be had within `wait`. */
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

/** A lock was no longer ours: it expired, or was removed, before the work was done. */
export class LockLostError extends CacheError {
  override readonly name = "LockLostError";
  override readonly code = "LOCK_LOST";
  readonly key: string;

  constructor({ key, cause }: KeyContext & Caused) {
    super(`The lock ${quote(key)} is no longer held: it expired or was taken away.`, { cause });
    this.key = key;
  }
}

/** A `getOrSet` factory ran longer than `hardTimeout`. */
export class FactoryTimeoutError extends CacheError {
  override readonly name = "FactoryTimeoutError";
  override readonly code = "FACTORY_TIMEOUT";
  readonly key: string;
  readonly timeoutMs: number;

  constructor({ key, timeoutMs }: KeyContext & { readonly timeoutMs: number }) {
    super(`The factory of ${quote(key)} did not finish within ${timeoutMs} ms.`);
    this.key = key;
    this.timeoutMs = timeoutMs;
  }
}

/** The cache was closed; no call can be made on it any more. */
export class ClosedError extends CacheError {
  override readonly name = "ClosedError";
  override readonly code = "CLOSED";
  /** The name of the cache. */
  readonly cache: string;

  constructor(cache: string) {
    super(`The cache ${quote(cache)} is closed.`);
    this.cache = cache;
  }
}

/** The session was destroyed, by a logout elsewhere, before this save: nothing was written. */
export class SessionInterruptedError extends CacheError {
  override readonly name = "SessionInterruptedError";
  override readonly code = "SESSION_INTERRUPTED";
  /** What web frameworks answer it with. */
  readonly status = 400;
  /** The same for those that go by this name. */
  readonly statusCode = 400;

  constructor() {
    super("The session was destroyed before it could be saved, for example by a logout elsewhere.");
  }
}

/** Returns whether an error tells of a store that did not serve: nobody's bug, and it may pass. */
export function isStoreFailure(error: unknown): boolean {
  return (
    error instanceof StoreUnavailableError ||
    error instanceof CommandTimeoutError ||
    error instanceof OverloadedError ||
    (error instanceof ServerRefusedError && error.reason === "OOM")
  );
}

const longestQuote = 200;

function quote(text: string): string {
  return JSON.stringify(text.length > longestQuote ? `${text.slice(0, longestQuote)}…` : text);
}
