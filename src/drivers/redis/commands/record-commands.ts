import type { Command, ReplyOptions, ReplyType } from "./command.ts";

/** The fields of a hash and their values by turns. */
export type FieldList = readonly string[] | readonly Buffer[];

/** Fields, and the server's time in unix ms when it read them. */
export interface TimedFields {
  readonly nowMs: number;
  readonly fields: FieldList;
}

/** How a read asks for fields. */
export interface FieldReplies {
  readonly fields: ReplyType<FieldList>;
  readonly timedFields: ReplyType<TimedFields>;
}

/** Maps (`%` in RESP 3) as lists, as RESP 2 has them; bulk strings (`$`) as `Buffer`, or as text. */
const bytesInLists: ReplyOptions = { typeMapping: { 36: Buffer, 37: Array }, timeout: undefined };
const textInLists: ReplyOptions = { typeMapping: { 37: Array }, timeout: undefined };

/** Fields as bytes: right for all of them. */
export const fieldsAsBytes: FieldReplies = fieldReplies(bytesInLists, isBytes);

/** Fields as text, which costs less: wrong for those that are not UTF-8. */
export const fieldsAsText: FieldReplies = fieldReplies(textInLists, isText);

export function fieldsCommand(key: string, { fields }: FieldReplies): Command<FieldList> {
  return { args: ["HGETALL", key], firstKey: 1, keyCount: 1, isWrite: false, reply: fields };
}

/** Whether a record was removed, and where it has gone, or "". */
export const destructionReply: ReplyType<readonly [destroyed: boolean, movedTo: string]> = {
  options: { typeMapping: {}, timeout: undefined },
  matches: (reply) =>
    Array.isArray(reply) && Number.isSafeInteger(reply[0]) && typeof reply[1] === "string",
  toResult(reply) {
    const [destroyed, movedTo] = reply as [number, string]; // it matches
    return [destroyed === 1, movedTo];
  },
};

function fieldReplies(options: ReplyOptions, isValue: (item: unknown) => boolean): FieldReplies {
  const isFieldList = (reply: unknown): reply is FieldList =>
    Array.isArray(reply) && reply.length % 2 === 0 && reply.every(isValue);
  return {
    fields: {
      options,
      matches: isFieldList,
      toResult: (reply) => reply as FieldList, // it matches
    },
    timedFields: {
      options,
      matches: (reply) =>
        Array.isArray(reply) && Number.isSafeInteger(reply[0]) && isFieldList(reply[1]),
      toResult(reply) {
        const [nowMs, fields] = reply as [number, FieldList]; // it matches
        return { nowMs, fields };
      },
    },
  };
}

function isBytes(item: unknown): boolean {
  return Buffer.isBuffer(item);
}

function isText(item: unknown): boolean {
  return typeof item === "string";
}
