import type { ReplyForm } from "./redis-commands.ts";

const asText = { typeMapping: {}, timeout: undefined } as const;

/** Bulk strings (`$` in RESP) as `Buffer`; everything else as it comes. */
const asBytes = { typeMapping: { 36: Buffer }, timeout: undefined } as const;

/** Bytes, or nothing. */
export const bytesReply: ReplyForm = { options: asBytes, fits: isBytesOrNothing };

/** Bytes, or nothing, for each key that was asked for: one more or less would shift all that follow. */
export const bytesPerKeyReply: ReplyForm = {
  options: asBytes,
  fits: (reply, command) =>
    Array.isArray(reply) && reply.length === command.length - 1 && reply.every(isBytesOrNothing),
};

/** Bulk strings as text, and states (`+` in RESP) as `Buffer`: an `OK` is no value. */
const asValueText = { typeMapping: { 43: Buffer }, timeout: undefined } as const;

/** Text, or nothing. */
export const textReply: ReplyForm = { options: asValueText, fits: isTextOrNothing };

/** Text, or nothing, for each key that was asked for. */
export const textPerKeyReply: ReplyForm = {
  options: asValueText,
  fits: (reply, command) =>
    Array.isArray(reply) && reply.length === command.length - 1 && reply.every(isTextOrNothing),
};

/** A whole number. */
export const integerReply: ReplyForm = {
  options: asText,
  fits: (reply) => Number.isSafeInteger(reply),
};

/** A whole number of any length in digits, or nothing. */
export const digitsOrNothingReply: ReplyForm = {
  options: asText,
  fits: (reply) => reply === null || isDigits(reply),
};

/** `OK`, or nothing where a condition of the command was not met. */
export const statusReply: ReplyForm = {
  options: asText,
  fits: (reply) => reply === "OK" || reply === null,
};

/** The answer to a `PING`. */
export const pongReply: ReplyForm = { options: asText, fits: (reply) => reply === "PONG" };

/** A cursor, and a list of keys. */
export const scanReply: ReplyForm = {
  options: asText,
  fits: (reply) => Array.isArray(reply) && isDigits(reply[0]) && isListOfText(reply[1]),
};

/** A list of text. */
export const listOfTextReply: ReplyForm = { options: asText, fits: isListOfText };

/** Fields and values by turns as bytes: a map (`%` in RESP 3), or the list of one. */
export const fieldsReply: ReplyForm = {
  options: { typeMapping: { 36: Buffer, 37: Array }, timeout: undefined },
  fits: (reply) => isFieldsOf(reply, isBytes),
};

/** The same as text. */
export const fieldsTextReply: ReplyForm = {
  options: { typeMapping: { 37: Array }, timeout: undefined },
  fits: (reply) => isFieldsOf(reply, isText),
};

/** The server's time, and fields and values by turns as bytes. */
export const timedFieldsReply: ReplyForm = {
  options: asBytes,
  fits: (reply) => isTimed(reply) && isFieldsOf(reply[1], isBytes),
};

/** The same as text. */
export const timedFieldsTextReply: ReplyForm = {
  options: asText,
  fits: (reply) => isTimed(reply) && isFieldsOf(reply[1], isText),
};

/** Whether a record was removed, and where it has gone. */
export const destructionReply: ReplyForm = {
  options: asText,
  fits: (reply) =>
    Array.isArray(reply) && Number.isSafeInteger(reply[0]) && typeof reply[1] === "string",
};

/** Returns the form of a reply that is a whole number in digits, or one of some words. */
export function digitsOrWordReply(words: readonly string[]): ReplyForm {
  return {
    options: asText,
    fits: (reply) => isDigits(reply) || (typeof reply === "string" && words.includes(reply)),
  };
}

function isBytesOrNothing(reply: unknown): boolean {
  return reply === null || isBytes(reply);
}

function isBytes(item: unknown): boolean {
  return Buffer.isBuffer(item);
}

function isTextOrNothing(reply: unknown): boolean {
  return reply === null || isText(reply);
}

function isText(item: unknown): boolean {
  return typeof item === "string";
}

function isTimed(reply: unknown): reply is readonly unknown[] {
  return Array.isArray(reply) && Number.isSafeInteger(reply[0]);
}

function isFieldsOf(fields: unknown, isValue: (item: unknown) => boolean): boolean {
  return Array.isArray(fields) && fields.length % 2 === 0 && fields.every(isValue);
}

function isDigits(reply: unknown): boolean {
  return typeof reply === "string" && /^-?\d+$/.test(reply);
}

function isListOfText(reply: unknown): boolean {
  return Array.isArray(reply) && reply.every(isText);
}
