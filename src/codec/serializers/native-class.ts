/** The name of an error class of JavaScript itself. */
export type ErrorClassName =
  | "Error"
  | "EvalError"
  | "RangeError"
  | "ReferenceError"
  | "SyntaxError"
  | "TypeError"
  | "URIError"
  | "AggregateError";

const createErrorByClass: Readonly<Record<ErrorClassName, () => Error>> = {
  Error: () => new Error(),
  EvalError: () => new EvalError(),
  RangeError: () => new RangeError(),
  ReferenceError: () => new ReferenceError(),
  SyntaxError: () => new SyntaxError(),
  TypeError: () => new TypeError(),
  URIError: () => new URIError(),
  AggregateError: () => new AggregateError([]),
};

const viewClasses = [
  Buffer,
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
  DataView,
];

const viewPrototypes = new Set<object>(viewClasses.map((view) => view.prototype));

const namesOfPrototypes = new Map<object, string>(
  [Object, Array, Date, Map, Set, RegExp, ArrayBuffer, ...viewClasses].map((native) => [
    native.prototype,
    native.name,
  ]),
);

/**
 * Returns the name of the class of JavaScript itself (or `"Buffer"`) that `value` is a direct
 * instance of; `undefined` for an instance of anybody else's class.
 *
 * An object without a prototype counts as an `Object`. Classes of another realm count too: test
 * runners and `vm` make such values.
 */
export function nativeClassOf(value: object): string | undefined {
  const prototype = prototypeOf(value);
  if (prototype === null) return "Object";
  return namesOfPrototypes.get(prototype) ?? nativeNameOf(prototype);
}

/** Whether `value` is a plain object, whatever realm it comes from. */
export function isPlainObject(value: object): boolean {
  const prototype = prototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return prototypeOf(prototype) === null && nativeNameOf(prototype) === "Object";
}

/** Whether `value` is an array of no subclass, whatever realm it comes from. */
export function isPlainArray(value: object): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  const prototype = prototypeOf(value);
  return (
    prototype === Array.prototype || (prototype !== null && nativeNameOf(prototype) === "Array")
  );
}

/** Whether `value` is a view of bytes that MessagePack gives back as the same class. */
export function isStorableView(value: ArrayBufferView): boolean {
  return viewPrototypes.has(prototypeOf(value) ?? value);
}

/** Whether `name` is an error class of JavaScript itself. */
export function isErrorClassName(name: unknown): name is ErrorClassName {
  return typeof name === "string" && Object.hasOwn(createErrorByClass, name);
}

/** Returns a new error of the class, with nothing of its own. */
export function createBareError(name: ErrorClassName): Error {
  const error = createErrorByClass[name]();
  for (const field of Object.getOwnPropertyNames(error)) Reflect.deleteProperty(error, field);
  return error;
}

/** Returns what to call the class of `value` in a message. */
export function classNameOf(value: object): string {
  const name: unknown = constructorOf(prototypeOf(value))?.name;
  return typeof name === "string" && name !== "" ? name : "a class without a name";
}

function nativeNameOf(prototype: object): string | undefined {
  const constructor = constructorOf(prototype);
  if (!constructor || constructor.prototype !== prototype) return undefined;
  const source = Function.prototype.toString.call(constructor);
  return source.endsWith("{ [native code] }") ? constructor.name : undefined;
}

function constructorOf(prototype: object | null): Function | undefined {
  const constructor: unknown =
    prototype === null ? undefined : Reflect.get(prototype, "constructor");
  return typeof constructor === "function" ? constructor : undefined;
}

function prototypeOf(value: object): object | null {
  // The cast: the standard library types this as `any`; a prototype is an object or null.
  return Object.getPrototypeOf(value) as object | null;
}
