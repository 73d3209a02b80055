import type { Encoded } from "../../../contracts/serializer.ts";
import type { Lifetime, WriteRules } from "../../../contracts/store.ts";
import {
  type Command,
  type RedisArgument,
  type ReplyOptions,
  type ReplyType,
  toArgument,
} from "./command.ts";
import { statusReply } from "./reply-types.ts";

/** A stored value as a read brings it; `undefined` where nothing lives under the key. */
export type StoredValue = Encoded | undefined;

/** How a read asks for values. */
export interface ValueReplies {
  readonly one: ReplyType<StoredValue>;
  /** One for each key. */
  readonly perKey: ReplyType<readonly StoredValue[]>;
}

/** Bulk strings (`$` in RESP) as `Buffer`. */
const bytes: ReplyOptions = { typeMapping: { 36: Buffer }, timeout: undefined };

/** Bulk strings as text, and simple strings (`+`) as `Buffer`, so that an `OK` out of step is not taken for a value. */
const text: ReplyOptions = { typeMapping: { 43: Buffer }, timeout: undefined };

/** Values as bytes: right for all of them. */
export const valuesAsBytes: ValueReplies = valueReplies(bytes, isBytes);

/** Values as text, which costs less: wrong for those that are not UTF-8. */
export const valuesAsText: ValueReplies = valueReplies(text, isText);

export function getCommand(key: string, { one }: ValueReplies): Command<StoredValue> {
  return { args: ["GET", key], firstKey: 1, keyCount: 1, isWrite: false, reply: one };
}

export function mgetCommand(
  keys: readonly string[],
  { perKey }: ValueReplies,
): Command<readonly StoredValue[]> {
  return {
    args: ["MGET", ...keys],
    firstKey: 1,
    keyCount: keys.length,
    isWrite: false,
    reply: perKey,
  };
}

export function getAndDeleteCommand(key: string): Command<StoredValue> {
  return {
    args: ["GETDEL", key],
    firstKey: 1,
    keyCount: 1,
    isWrite: true,
    reply: valuesAsBytes.one,
  };
}

export function setCommand(key: string, value: Encoded, rules: WriteRules): Command<boolean> {
  const { lifetime, condition, keepTtl } = rules;
  const isUsual = condition === undefined && !keepTtl && lifetime !== "forever";
  const args: readonly RedisArgument[] = isUsual
    ? ["SET", key, toArgument(value), "PX", String(lifetime.ttlMs)]
    : ["SET", key, toArgument(value), ...writeFlags(rules)];
  return { args, firstKey: 1, keyCount: 1, isWrite: true, reply: statusReply };
}

function writeFlags({ condition, keepTtl, lifetime }: WriteRules): string[] {
  if (condition === "absent") return ["NX", ...lifetimeFlags(lifetime)];
  const flags = keepTtl ? ["KEEPTTL"] : lifetimeFlags(lifetime);
  return condition === "present" ? ["XX", ...flags] : flags;
}

function lifetimeFlags(lifetime: Lifetime): string[] {
  return lifetime === "forever" ? [] : ["PX", String(lifetime.ttlMs)];
}

function valueReplies(options: ReplyOptions, isValue: (item: unknown) => boolean): ValueReplies {
  const one: ReplyType<StoredValue> = {
    options,
    matches: (reply) => reply === null || isValue(reply),
    toResult: toStoredValue,
  };
  const perKey: ReplyType<readonly StoredValue[]> = {
    options,
    /** One value more or less would shift all that follow to other keys. */
    matches: (reply, { keyCount }) =>
      Array.isArray(reply) && reply.length === keyCount && reply.every(isValueOrNothing),
    toResult: (reply) => (reply as unknown[]).map(toStoredValue), // it matches
  };
  return { one, perKey };

  function isValueOrNothing(item: unknown): boolean {
    return item === null || isValue(item);
  }
}

function toStoredValue(reply: unknown): StoredValue {
  return reply === null ? undefined : (reply as Encoded); // it matches
}

function isBytes(item: unknown): boolean {
  return Buffer.isBuffer(item);
}

function isText(item: unknown): boolean {
  return typeof item === "string";
}
