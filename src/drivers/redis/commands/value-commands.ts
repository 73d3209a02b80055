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

/** Stands in text for bytes that are not UTF-8, or for itself. */
const replacement = "\uFFFD";

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
export const valuesAsBytes: ValueReplies = {
  one: {
    options: bytes,
    matches: (reply) => reply === null || Buffer.isBuffer(reply),
    toResult: toStoredValue,
  },
  perKey: valuePerKey(bytes, (reply) => Buffer.isBuffer(reply)),
};

/** Values as text, which costs less: wrong for those that are not UTF-8, see {@link isUnclear}. */
export const valuesAsText: ValueReplies = {
  one: {
    options: text,
    matches: (reply) => reply === null || typeof reply === "string",
    toResult: toStoredValue,
  },
  perKey: valuePerKey(text, (reply) => typeof reply === "string"),
};

/** Whether a value was read as text in which something may have been lost. */
export function isUnclear(value: unknown): boolean {
  return typeof value === "string" && value.includes(replacement);
}

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

/** One value more or less would shift all that follow to other keys. */
function valuePerKey(
  options: ReplyOptions,
  isValue: (item: unknown) => boolean,
): ReplyType<readonly StoredValue[]> {
  return {
    options,
    matches(reply, { keyCount }) {
      if (!Array.isArray(reply) || reply.length !== keyCount) return false;
      for (const item of reply) if (item !== null && !isValue(item)) return false;
      return true;
    },
    /** In place: the list is nobody else's. */
    toResult(reply) {
      const values = reply as (StoredValue | null)[]; // it matches
      for (let at = 0; at < values.length; at += 1) if (values[at] === null) values[at] = undefined;
      return values as StoredValue[]; // without null
    },
  };
}

function toStoredValue(reply: unknown): StoredValue {
  return reply === null ? undefined : (reply as Encoded); // it matches
}
