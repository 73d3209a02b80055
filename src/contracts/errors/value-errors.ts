import { CacheError, type Caused, type KeyContext, quote, ValueError } from "./cache-error.ts";

/** The key is absent or expired, and the operation needs it. Nothing changed. */
export class CacheMissError extends CacheError {
  override readonly name = "CacheMissError";
  override readonly code = "CACHE_MISS";
  readonly key: string;

  constructor({ key }: KeyContext) {
    super(`There is no value under ${quote(key)}.`);
    this.key = key;
  }
}

/** `incr` or `decr` found a value that is not an integer. Value and lifetime stay as they were. */
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

/** A counter would leave the range of 64-bit integers. Value and lifetime stay as they were. */
export class CounterOverflowError extends CacheError {
  override readonly name = "CounterOverflowError";
  override readonly code = "COUNTER_OVERFLOW";
  readonly key: string;

  constructor({ key, cause }: KeyContext & Caused) {
    super(`The counter under ${quote(key)} would leave the 64-bit range.`, { cause });
    this.key = key;
  }
}

/** The key holds a Redis type other than a string: another program wrote it. */
export class WrongTypeError extends ValueError {
  override readonly name = "WrongTypeError";
  override readonly code = "WRONG_TYPE";

  constructor(options?: Caused) {
    super("The key holds another Redis type than a string.", options);
  }
}

/** The cache cannot store the value without loss: a function, a symbol, a class instance, a cycle. It wrote nothing. */
export class EncodeError extends ValueError {
  override readonly name = "EncodeError";
  override readonly code = "ENCODE";
  /** The place in the value, for example `"$.user.save"`. */
  readonly path: string;

  constructor(path: string, reason: string, options?: Caused) {
    super(`The value cannot be stored: ${path} is ${reason}.`, options);
    this.path = path;
  }
}

/** The cache cannot decode the stored bytes: another program or a newer version wrote them, or they are damaged. */
export class DecodeError extends ValueError {
  override readonly name = "DecodeError";
  override readonly code = "DECODE";

  constructor(reason: string, options?: Caused) {
    super(`The stored value cannot be read: ${reason}.`, options);
  }
}

/** An encoded or decompressed value exceeds `maxValueBytes`, or a session its `maxBytes`. Nothing was written. */
export class ValueTooLargeError extends ValueError {
  override readonly name = "ValueTooLargeError";
  override readonly code = "VALUE_TOO_LARGE";
  readonly maxBytes: number;
  /** The refused size, where it is known. */
  readonly sizeBytes: number | undefined;

  constructor(maxBytes: number, sizeBytes?: number, bound: SizeBound = sizeOfValue) {
    const size = sizeBytes === undefined ? "larger than" : `${sizeBytes} bytes, more than`;
    super(`The ${bound.what} is ${size} ${bound.option} (${maxBytes}).`);
    this.maxBytes = maxBytes;
    this.sizeBytes = sizeBytes;
  }
}

/** What is too large, and the option that bounds it. */
export interface SizeBound {
  readonly what: string;
  readonly option: string;
}

const sizeOfValue: SizeBound = { what: "encoded value", option: "maxValueBytes" };
