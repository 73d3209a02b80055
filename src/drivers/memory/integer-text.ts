import type { Encoded } from "../../contracts/serializer.ts";
import type { CountFailure } from "../../contracts/store.ts";
import { isInt64, leastInt64 } from "../../kit/int64.ts";

/** Integers as INCRBY reads them: no space, no plus, no zero before other digits. */
const integer = /^(?:0|-?[1-9][0-9]*)$/;

/** How long the text of a 64-bit integer can be. */
const longestInteger = `${leastInt64}`.length;

/** Returns the sum of a stored decimal integer and `delta`, or why there is none. */
export function addToInteger(stored: Encoded, delta: bigint): bigint | CountFailure {
  const text = typeof stored === "string" ? stored : latin1.decode(stored);
  if (!integer.test(text)) return "not-an-integer";
  if (text.length > longestInteger) return "overflow";
  return sumInRange(BigInt(text), delta);
}

/** Returns the sum, or `"overflow"` when it or a part of it leaves the range of 64-bit integers. */
export function sumInRange(start: bigint, delta: bigint): bigint | "overflow" {
  const sum = start + delta;
  return [start, delta, sum].every(isInt64) ? sum : "overflow";
}

const latin1 = new TextDecoder("latin1");
