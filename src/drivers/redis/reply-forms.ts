import type { ReplyForm } from "./redis-commands.ts";

const asText = { typeMapping: {}, timeout: undefined } as const;

/** Bulk strings (`$` in RESP) as `Buffer`; everything else as it comes. */
const asBytes = { typeMapping: { 36: Buffer }, timeout: undefined } as const;

/** Bytes, or nothing. */
export const bytesReply: ReplyForm = {
  options: asBytes,
  fits: (reply) => reply === null || Buffer.isBuffer(reply),
};

/** Bytes, or nothing, for each key that was asked for: one more or less would shift all that follow. */
export const bytesPerKeyReply: ReplyForm = {
  options: asBytes,
  fits: (reply, command) => Array.isArray(reply) && reply.length === command.length - 1,
};

/** A whole number. */
export const integerReply: ReplyForm = {
  options: asText,
  fits: (reply) => Number.isSafeInteger(reply),
};

/** `OK`, or nothing where a condition of the command was not met. */
export const statusReply: ReplyForm = {
  options: asText,
  fits: (reply) => reply === "OK" || reply === null,
};

/** A cursor, and a list of keys. */
export const scanReply: ReplyForm = {
  options: asText,
  fits: (reply) =>
    Array.isArray(reply) && /^\d+$/.test(String(reply[0])) && Array.isArray(reply[1]),
};

/** Whatever a script answers, or a command that says what it likes. */
export const anyReply: ReplyForm = { options: asText, fits: () => true };
