import type { ReplyOptions, ReplyType } from "./command.ts";

/** Bulk strings (`$` in RESP) as text. */
const asText: ReplyOptions = { typeMapping: {}, timeout: undefined };

/** Integers (`:` in RESP) as text, too: a number loses those beyond 2^53. */
const asDigits: ReplyOptions = { typeMapping: { 58: String }, timeout: undefined };

/** A whole number. */
export const integerReply: ReplyType<number> = {
  options: asText,
  matches: (reply) => Number.isSafeInteger(reply),
  toResult: Number,
};

/** 1 or 0: whether the command did what it was sent for. */
export const yesOrNoReply: ReplyType<boolean> = {
  options: asText,
  matches: (reply) => Number.isSafeInteger(reply),
  toResult: (reply) => reply === 1,
};

/** The digits of a whole number, or nothing. */
export const digitsOrNothingReply: ReplyType<number | undefined> = {
  options: asText,
  matches: (reply) => reply === null || isDigits(reply),
  toResult: (reply) => (reply === null ? undefined : Number(reply)),
};

/** `OK`, or nothing where the condition of a write was not met. */
export const statusReply: ReplyType<boolean> = {
  options: asText,
  matches: (reply) => reply === "OK" || reply === null,
  toResult: (reply) => reply !== null,
};

/** The reply to a `PING`. */
export const pongReply: ReplyType<void> = {
  options: asText,
  matches: (reply) => reply === "PONG",
  toResult: () => undefined,
};

/** A step of a scan: the next cursor, and keys. */
export interface ScanStep {
  readonly cursor: string;
  readonly keys: readonly string[];
}

export const scanReply: ReplyType<ScanStep> = {
  options: asText,
  matches: (reply) => Array.isArray(reply) && isDigits(reply[0]) && isListOfText(reply[1]),
  toResult(reply) {
    const [cursor, keys] = reply as [string, string[]]; // it matches
    return { cursor, keys };
  },
};

export const listOfTextReply: ReplyType<readonly string[]> = {
  options: asText,
  matches: isListOfText,
  toResult: (reply) => reply as readonly string[], // it matches
};

/** Returns the type of a reply that is a whole number of any size, or one of `words`. */
export function integerOrWordReply<Word extends string>(
  words: readonly Word[],
): ReplyType<bigint | Word> {
  const isWord = (reply: unknown): reply is Word => words.some((word) => word === reply);
  return {
    options: asDigits,
    matches: (reply) => isDigits(reply) || isWord(reply),
    toResult: (reply) => (isDigits(reply) || !isWord(reply) ? BigInt(String(reply)) : reply),
  };
}

function isDigits(reply: unknown): boolean {
  return typeof reply === "string" && /^-?\d+$/.test(reply);
}

function isListOfText(reply: unknown): boolean {
  return Array.isArray(reply) && reply.every((item) => typeof item === "string");
}
