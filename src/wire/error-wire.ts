import {
  CacheMissError,
  ClosedError,
  CommandTimeoutError,
  ConfigurationError,
  CounterOverflowError,
  DecodeError,
  EncodeError,
  FactoryTimeoutError,
  LockLostError,
  LockTimeoutError,
  NotAnIntegerError,
  OverloadedError,
  ServerRefusedError,
  SessionInterruptedError,
  StoreUnavailableError,
  UnknownCacheError,
  ValueTooLargeError,
  WrongTypeError,
} from "../contracts/errors.ts";

/** An error as plain data, which survives `structuredClone` and, but for odd values, JSON. */
export interface WireError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** What else the error holds, as far as it is plain: its code, and what it is about. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The cause, and its own. */
  readonly cause?: Wire;
}

/** Anything that was thrown, as plain data. */
export type Wire =
  | { readonly error: WireError }
  /** What was thrown is no error. */
  | { readonly value: Primitive };

type Primitive = string | number | bigint | boolean | null | undefined;

/** Longer chains of causes are cut off: they may be circles. */
const longestChain = 16;

const classes = [
  CacheMissError,
  ClosedError,
  CommandTimeoutError,
  ConfigurationError,
  CounterOverflowError,
  DecodeError,
  EncodeError,
  FactoryTimeoutError,
  LockLostError,
  LockTimeoutError,
  NotAnIntegerError,
  OverloadedError,
  ServerRefusedError,
  SessionInterruptedError,
  StoreUnavailableError,
  UnknownCacheError,
  ValueTooLargeError,
  WrongTypeError,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
];

const classByName: ReadonlyMap<string, Function> = new Map(
  classes.map((errorClass) => [errorClass.name, errorClass]),
);

/** Returns what was thrown as plain data, its causes included. */
export function toWire(thrown: unknown, depth = 0): Wire {
  if (!(thrown instanceof Error)) return { value: toPrimitive(thrown) };
  const { name, message, stack } = thrown;
  const fields: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(thrown)) {
    if (field !== "name" && field !== "cause" && isPlain(value)) fields[field] = value;
  }
  const hasCause = "cause" in thrown && depth < longestChain;
  const wire = { name, message, fields, ...(stack !== undefined && { stack }) };
  return { error: hasCause ? { ...wire, cause: toWire(thrown.cause, depth + 1) } : wire };
}

/** Returns what was thrown: an error of the same class, or an `Error` of that name where it is not known here. */
export function fromWire(wire: Wire): unknown {
  if (!("error" in wire)) return wire.value;
  const { name, message, stack, fields, cause } = wire.error;
  const known = classByName.get(name);
  const options = cause === undefined ? undefined : { cause: fromWire(cause) };
  // Without the constructor of its class, which would build the message anew.
  const error: Error = Reflect.construct(Error, [message, options], known ?? Error);
  if (stack !== undefined) define(error, "stack", stack);
  if (error.name !== name) Object.assign(error, { name });
  return Object.assign(error, fields);
}

function define(error: Error, property: string, value: unknown): void {
  Object.defineProperty(error, property, { value, configurable: true, writable: true });
}

/** Whether a field travels as it is: a primitive, or a list of those. */
function isPlain(value: unknown): boolean {
  return isPrimitive(value) || (Array.isArray(value) && value.every(isPrimitive));
}

function isPrimitive(value: unknown): value is Primitive {
  return value === null || !["object", "function", "symbol"].includes(typeof value);
}

/** Whatever else was thrown says what kind of thing it is. */
function toPrimitive(thrown: unknown): Primitive {
  return isPrimitive(thrown) ? thrown : Object.prototype.toString.call(thrown);
}
