import { createHash } from "node:crypto";
import type { RedisArgument, RedisCommands, ReplyForm } from "./redis-commands.ts";

/** A Lua script, called by its digest. */
export interface Script {
  readonly text: string;
  readonly sha1: string;
}

/** What a script is called with, and what it answers. */
export interface ScriptCall {
  readonly form: ReplyForm;
  readonly keys: readonly string[];
  readonly args: readonly RedisArgument[];
}

/**
 * Runs a script: one round trip, or two on a server that has not seen it yet.
 *
 * EVALSHA first, EVAL on NOSCRIPT: a NOSCRIPT answer means that nothing ran
 * (https://redis.io/docs/latest/commands/evalsha/).
 */
export function runScript(
  redis: RedisCommands,
  { sha1, text }: Script,
  { keys, args, form }: ScriptCall,
): Promise<unknown> {
  const command = ["EVALSHA", sha1, String(keys.length), ...keys, ...args];
  return redis.send(command, form).catch((error: unknown) => {
    if (!isNoScript(error)) throw error;
    return redis.send(["EVAL", text, ...command.slice(2)], form);
  });
}

function isNoScript(error: unknown): boolean {
  return error instanceof Error && "reason" in error && error.reason === "NOSCRIPT";
}

export function script(text: string): Script {
  return { text, sha1: createHash("sha1").update(text).digest("hex") };
}

/** ARGV: bytes, lifetime in ms or "forever". An existing key keeps its lifetime. */
export const setKeepingTtl: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
end
if ARGV[2] == 'forever' then return redis.call('SET', KEYS[1], ARGV[1]) end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`);

/** Answers 1 for an existing key, which then has no lifetime any more. */
export const persistExisting: Script = script(`
local exists = redis.call('EXISTS', KEYS[1])
if exists == 1 then redis.call('PERSIST', KEYS[1]) end
return exists
`);

/**
 * ARGV: delta, lifetime of a new counter in ms, "forever", or "none" (an absent key is "absent").
 * Answers the sum as text: Lua's numbers lose integers beyond 2^53.
 */
export const count: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  if ARGV[2] == 'none' then return 'absent' end
  if ARGV[2] == 'forever' then
    redis.call('SET', KEYS[1], ARGV[1])
  elseif tonumber(ARGV[2]) > 0 then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  end
  return ARGV[1]
end
local sum = redis.pcall('INCRBY', KEYS[1], ARGV[1])
if type(sum) == 'number' then return redis.call('GET', KEYS[1]) end
if string.find(sum.err, 'overflow', 1, true) then return 'overflow' end
if not string.find(sum.err, 'not an integer', 1, true) then return sum end
local value = redis.call('GET', KEYS[1])
if #value > 18 and string.find(value, '^%-?[1-9]%d*$') then return 'overflow' end
return 'not-an-integer'
`);

/*
 * A lock is a hash of token, until (unix ms, by the server's clock) and fence. It outlives its
 * holder for a while, so that the fence goes on growing where it stopped; should it be forgotten
 * all the same, the next fence starts at the time in microseconds, which is past any fence given.
 */

/** Gives `time` (seconds and microseconds) and `nowMs`, by the server's clock. */
export const serverTime: string = `
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
`;

const whoHolds = `
local lock = redis.call('HMGET', KEYS[1], 'token', 'until', 'fence')
local held = lock[2] and tonumber(lock[2]) > nowMs
`;

/** ARGV: token, lifetime in ms, how long the fence is remembered after it in ms. Answers the fence, or nil. */
export const acquireLock: Script = script(`${serverTime}${whoHolds}
if held then return false end
local fence = math.max((tonumber(lock[3] or '0')) + 1, time[1] * 1000000 + time[2])
local written = string.format('%.0f', fence)
redis.call('HSET', KEYS[1], 'token', ARGV[1], 'until', string.format('%.0f', nowMs + ARGV[2]), 'fence', written)
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return written
`);

/** ARGV: as for {@link acquireLock}. Answers 1 when the token still held the lock. */
export const extendLock: Script = script(`${serverTime}${whoHolds}
if not held or lock[1] ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'until', string.format('%.0f', nowMs + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[2] + ARGV[3]))
return 1
`);

/** ARGV: token. Answers 1 when the token still held the lock. */
export const releaseLock: Script = script(`${serverTime}${whoHolds}
if not held or lock[1] ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'token', 'until')
return 1
`);
