/**
 * A length of time: a number is **seconds** (fractions allowed), a string carries its unit
 * (`"250ms" "30s" "5m" "2h" "14d" "1w"`), `null` means never.
 */
export type Duration = number | string | null;

const unitsMs: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

const withUnit = /^\s*(-?\d+(?:\.\d+)?)\s*(ms|[smhdw])\s*$/;

/**
 * Returns the milliseconds of a duration, whole, and at least 1 where it is positive; `null` for never.
 *
 * @throws TypeError naming `option` and the value, when it is no duration
 */
export function parseDuration(option: string, duration: unknown): number | null {
  if (duration === null) return null;
  const ms = typeof duration === "string" ? textToMs(duration) : numberToMs(duration);
  if (ms === undefined) throw new TypeError(complaint(option, duration));
  return ms > 0 ? Math.max(1, Math.round(ms)) : Math.min(0, Math.round(ms));
}

/** Returns the milliseconds of a duration that has an end and is longer than nothing. */
export function parseFiniteDuration(option: string, duration: unknown): number {
  const ms = parseDuration(option, duration);
  if (ms !== null && ms > 0) return ms;
  throw new TypeError(`${option} must be longer than zero and must end, got ${show(duration)}.`);
}

function numberToMs(seconds: unknown): number | undefined {
  return typeof seconds === "number" ? bounded(seconds * 1_000) : undefined;
}

function textToMs(text: string): number | undefined {
  const [, amount, unit = ""] = withUnit.exec(text) ?? [];
  return bounded(Number(amount) * (unitsMs.get(unit) ?? Number.NaN));
}

function bounded(ms: number): number | undefined {
  return Math.abs(ms) <= Number.MAX_SAFE_INTEGER ? ms : undefined;
}

function complaint(option: string, duration: unknown): string {
  return (
    `${option} must be a number of seconds, a text with a unit such as "250ms", "30s", "5m", ` +
    `"2h", "14d" or "1w", or null for never; got ${show(duration)}.`
  );
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  return typeof value === "number" || value === null
    ? String(value)
    : `a value of type ${typeof value}`;
}
