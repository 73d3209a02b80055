/** Returns a whole number of at least `least`. @throws TypeError naming `option` and the value otherwise */
export function requireWhole(option: string, value: unknown, least: number = -Infinity): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  const bound = least === -Infinity ? "" : ` of at least ${least}`;
  const shown = typeof value === "number" ? String(value) : `a ${typeof value}`;
  throw new TypeError(`${option} must be a whole number${bound}, got ${shown}.`);
}
