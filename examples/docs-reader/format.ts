const whole = new Intl.NumberFormat("en");

/** Writes a count: `12,345`. */
export function formatCount(count: number | bigint): string {
  return whole.format(count);
}

/** Writes a count with its noun: `1 key`, `2 keys`. */
export function formatMany(count: number | bigint, noun: string): string {
  return `${formatCount(count)} ${noun}${Number(count) === 1 ? "" : "s"}`;
}

/** Writes a short time with the unit that suits it: `85 µs`, `4.2 ms`, `1.20 s`. */
export function formatTook(ms: number): string {
  if (ms < 1) return `${Math.max(1, Math.round(ms * 1000))} µs`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
}

/** Writes what is left of a lifetime: `4 min 58 s`, `13 d 23 h`, `for ever`. */
export function formatTtl(seconds: number | null): string {
  if (seconds === null) return "for ever";
  const parts = [
    `${Math.floor(seconds / 86_400)} d`,
    `${Math.floor(seconds / 3600) % 24} h`,
    `${Math.floor(seconds / 60) % 60} min`,
    `${seconds % 60} s`,
  ];
  const first = parts.findIndex((part) => !part.startsWith("0 "));
  if (first === -1) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter((part) => !part.startsWith("0 "))
    .join(" ");
}
