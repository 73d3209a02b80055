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
