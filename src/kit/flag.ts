/** Returns a flag. @throws TypeError naming `option` for anything but true and false */
export function requireFlag(option: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new TypeError(
    `${option} must be true or false, got ${value === null ? "null" : typeof value}.`,
  );
}
