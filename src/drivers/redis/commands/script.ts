import { createHash } from "node:crypto";
import type { Command, RedisArgument, ReplyType } from "./command.ts";
import type { CommandSender } from "./command-sender.ts";

/** A Lua script, which the server runs by its digest. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
  /** Whether it may change something. */
  readonly isWrite: boolean;
}

/** What a script is called with, and what it answers. */
export interface ScriptCall<Result> {
  readonly reply: ReplyType<Result>;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
}

/** Gives `time` (seconds and microseconds) and `nowMs`, by the server's clock, to the script that follows. */
export const serverTime: string = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
`;

/** Returns a script that may change something. */
export function script(text: string): Script {
  return { text, sha1: sha1Of(text), isWrite: true };
}

/** Returns a script that changes nothing. */
export function readingScript(text: string): Script {
  return { text, sha1: sha1Of(text), isWrite: false };
}

/**
 * Runs a script: one round trip, or two on a server that does not know it yet.
 *
 * EVALSHA first, EVAL on NOSCRIPT: a NOSCRIPT reply means that nothing ran
 * (https://redis.io/docs/latest/commands/evalsha/).
 */
export function runScript<Result>(
  redis: CommandSender,
  { sha1, text, isWrite }: Script,
  call: ScriptCall<Result>,
): Promise<Result> {
  const sent = redis.send(commandOf(["EVALSHA", sha1], call, isWrite));
  return sent.catch((error: unknown) => {
    if (!isNoScript(error)) throw error;
    return redis.send(commandOf(["EVAL", text], call, isWrite));
  });
}

function commandOf<Result>(
  head: readonly string[],
  { keys, args, reply }: ScriptCall<Result>,
  isWrite: boolean,
): Command<Result> {
  return {
    args: [...head, String(keys.length), ...keys, ...args],
    firstKey: 3,
    keyCount: keys.length,
    isWrite,
    reply,
  };
}

function sha1Of(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && "reason" in error && error.reason === "NOSCRIPT";
}
