/** Returns a flag. @throws TypeError naming `option` for anything but true and false */
export function requireFlag(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(`${option} must be true or false, got ${kindOf(value)}.`);
}

/** Checks that what is to be called can be. @throws TypeError naming it */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`${name} must be a function, got ${kindOf(value)}.`);
}

/** Returns a text. It never stands in the message: it may be a password. @throws TypeError naming `option` */
export function requireText(option: string, value: unknown): string {
  if (typeof value === "string") return value;
  throw new TypeError(`${option} must be a string, got ${typeof value}.`);
}

/** Returns a text that is not empty and that UTF-8 can carry. @throws TypeError naming `option` */
export function requireFilledText(option: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.isWellFormed()) return value;
  throw new TypeError(`${option} must be a text that is not empty.`);
}

/** Returns a whole number from `least` to `most`. @throws TypeError naming `option` and the value otherwise */
export function requireWhole(
  option: string,
  value: unknown,
  least: number = -Infinity,
  most: number = Infinity,
): number {
  const isWhole = typeof value === "number" && Number.isSafeInteger(value);
  if (isWhole && value >= least && value <= most) return value;
  const from = least === -Infinity ? "" : ` of at least ${least}`;
  const bound = most === Infinity ? from : ` from ${least} to ${most}`;
  const shown = typeof value === "number" ? String(value) : `a ${typeof value}`;
  throw new TypeError(`${option} must be a whole number${bound}, got ${shown}.`);
}

/** Checks an option named `signal`. @throws TypeError for what is no AbortSignal, whatever realm it is of */
export function requireSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || typeof signal?.throwIfAborted === "function") return;
  throw new TypeError("signal must be an AbortSignal.");
}

/** Whether `candidate` is an object with all these methods. */
export function hasMethods(candidate: unknown, names: readonly string[]): boolean {
  if (typeof candidate !== "object" || candidate === null) return false;
  return names.every((name) => typeof Reflect.get(candidate, name) === "function");
}

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value;
}
