/** Checks that what is to be called can be. @throws TypeError naming it */
export function requireFunction(name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(`${name} must be a function, got ${value === null ? "null" : typeof value}.`);
}
