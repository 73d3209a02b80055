import { CacheError, type Caused, type KeyContext, quote, ValueError } from "./cache-error.ts";

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
