import type { Command, ReplyType } from "./command.ts";
import {
  integerReply,
  listOfTextReply,
  pongReply,
  type ScanStep,
  scanReply,
  statusReply,
  yesOrNoReply,
} from "./reply-types.ts";

/** Answers how many of the keys exist, whatever their type. */
export function existsCommand(keys: readonly string[]): Command<number> {
  return onKeys("EXISTS", keys, integerReply, false);
}

/** Answers how many of the keys existed. */
export function unlinkCommand(keys: readonly string[]): Command<number> {
  return onKeys("UNLINK", keys, integerReply, true);
}

/** Answers the milliseconds left: -1 for a key that never expires, -2 for an absent one. */
export function pttlCommand(key: string): Command<number> {
  return onKey(["PTTL", key], integerReply, false);
}

/** Gives a key a lifetime from now. Answers whether it existed. */
export function pexpireCommand(key: string, ms: number): Command<boolean> {
  return onKey(["PEXPIRE", key, String(ms)], yesOrNoReply, true);
}

/** Gives a key an end, in unix milliseconds. Answers whether it existed. */
export function pexpireAtCommand(key: string, unixMs: number): Command<boolean> {
  return onKey(["PEXPIREAT", key, String(unixMs)], yesOrNoReply, true);
}

/** Answers whether the key had a lifetime, which it has no more. */
export function persistCommand(key: string): Command<boolean> {
  return onKey(["PERSIST", key], yesOrNoReply, true);
}

/** Adds to a counter, which counts from zero and never expires if it was absent. */
export function incrByCommand<Sum>(
  key: string,
  delta: string,
  reply: ReplyType<Sum>,
): Command<Sum> {
  return onKey(["INCRBY", key, delta], reply, true);
}

/** The server refuses it with "no such key" where `from` is absent. */
export function renameCommand(from: string, to: string): Command<boolean> {
  return {
    args: ["RENAME", from, to],
    firstKey: 1,
    keyCount: 2,
    isWrite: true,
    reply: statusReply,
  };
}

/** Answers all members of a sorted set. */
export function membersCommand(key: string): Command<readonly string[]> {
  return onKey(["ZRANGE", key, "0", "-1"], listOfTextReply, false);
}

/** Answers how many of the members were in the sorted set. */
export function removeMembersCommand(key: string, members: readonly string[]): Command<number> {
  return onKey(["ZREM", key, ...members], integerReply, true);
}

export function scanCommand(cursor: string, pattern: string, count: number): Command<ScanStep> {
  return onNoKey(["SCAN", cursor, "MATCH", pattern, "COUNT", String(count)], scanReply, false);
}

export const flushCommand: Command<boolean> = onNoKey(["FLUSHDB"], statusReply, true);

export const pingCommand: Command<void> = onNoKey(["PING"], pongReply, false);

/** Turns client tracking off. */
export const trackingOffCommand: Command<boolean> = onNoKey(
  ["CLIENT", "TRACKING", "OFF"],
  statusReply,
  false,
);

/**
 * Makes the server report every change of keys that begin with `prefix` (all keys if there is none), whoever
 * read them (https://redis.io/docs/latest/develop/reference/client-side-caching/).
 */
export function broadcastTrackingCommand(prefix: string | undefined): Command<boolean> {
  const only = prefix === undefined ? [] : ["PREFIX", prefix];
  return onNoKey(["CLIENT", "TRACKING", "ON", "BCAST", ...only], statusReply, false);
}

/** Stands in errors for connecting, which no command of ours does. */
export const connecting: Command<void> = onNoKey(["connect"], pongReply, false);

function onKey<Result>(
  args: readonly string[],
  reply: ReplyType<Result>,
  isWrite: boolean,
): Command<Result> {
  return { args, firstKey: 1, keyCount: 1, isWrite, reply };
}

function onKeys<Result>(
  name: string,
  keys: readonly string[],
  reply: ReplyType<Result>,
  isWrite: boolean,
): Command<Result> {
  return { args: [name, ...keys], firstKey: 1, keyCount: keys.length, isWrite, reply };
}

function onNoKey<Result>(
  args: readonly string[],
  reply: ReplyType<Result>,
  isWrite: boolean,
): Command<Result> {
  return { args, firstKey: 0, keyCount: 0, isWrite, reply };
}
