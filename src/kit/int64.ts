export const leastInt64: bigint = -(2n ** 63n);
const greatestInt64 = 2n ** 63n - 1n;

/** Whether a signed integer of 64 bits can hold the value. */
export function isInt64(value: bigint): boolean {
  return value >= leastInt64 && value <= greatestInt64;
}
