import { constants, isUtf8 } from "node:buffer";
import { DecodeError, ValueTooLargeError } from "../contracts/errors.ts";
import { asBuffer } from "./bytes.ts";

const decimals = /^-?(?:0|[1-9]\d*)$/;

/** More digits than this would take noticeably long to turn into a BigInt and back. */
const maxDigits = 100_000;
const tooManyDigits = 1n << 332_192n;

const firstOfJson: ReadonlySet<number> = new Set(Buffer.from('{["tfn'));
const firstOfNumbers: ReadonlySet<number> = new Set(Buffer.from("-0123456789"));
const openingBrace = 0x7b;

/**
 * Returns the decimal text of an integer that is stored as such, so that any client may INCR it;
 * `undefined` for every other value.
 *
 * These are the safe integers, and the BigInts beyond them: a small BigInt would come back as a number.
 */
export function toCounterText(value: unknown): string | undefined {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) && !Object.is(value, -0) ? String(value) : undefined;
  }
  return typeof value === "bigint" && isCounter(value) ? String(value) : undefined;
}

/** Returns JSON text that gives the finite number back unchanged. */
export function toNumberText(value: number): string {
  return Object.is(value, -0) ? "-0" : keepNumber(String(value));
}

/**
 * Returns JSON text that is read back as a number where `text` would be taken for a BigInt.
 *
 * JSON writes numbers such as 2 ** 60 in digits only; with an exponent they are the same number.
 */
export function keepNumber(text: string): string {
  const mayBeUnsafe = text.length > 15 && text.length < 24;
  if (!mayBeUnsafe || !decimals.test(text)) return text;
  const number = Number(text);
  return Number.isSafeInteger(number) ? text : number.toExponential();
}

/** Returns the value that text without a header stands for, or throws a {@link DecodeError}. */
export function parsePlainText(text: string): unknown {
  const first = text.charCodeAt(0);
  if (first === openingBrace || firstOfJson.has(first)) return parseJson(text); // most are objects
  if (firstOfNumbers.has(first)) return parseNumber(text);
  const what = text === "" ? "it is empty" : "it is in no format of cachewell";
  throw new DecodeError(`${what}; something else wrote it`);
}

/** Returns the bytes as text, or throws a {@link DecodeError} when they are not UTF-8. */
export function toText(bytes: Uint8Array): string {
  if (bytes.length > constants.MAX_STRING_LENGTH) {
    throw new ValueTooLargeError(constants.MAX_STRING_LENGTH, bytes.length);
  }
  if (!isUtf8(bytes)) throw new DecodeError("it is not UTF-8 text: something else wrote it");
  return (Buffer.isBuffer(bytes) ? bytes : asBuffer(bytes)).toString();
}

function isCounter(value: bigint): boolean {
  const size = value < 0n ? -value : value;
  return size > Number.MAX_SAFE_INTEGER && size < tooManyDigits;
}

function parseNumber(text: string): unknown {
  if (!decimals.test(text)) return parseJson(text);
  const number = Number(text);
  if (Number.isSafeInteger(number)) return number;
  if (text.length > maxDigits) {
    throw new DecodeError(`it is a number of more than ${maxDigits} digits`);
  }
  return BigInt(text);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No `cause`: the message of a SyntaxError quotes the text, which may be private.
    throw new DecodeError(
      "it begins like JSON but is not: it is damaged, or something else wrote it",
    );
  }
}
