import type { CountFailure } from "../../../contracts/store.ts";
import type { ReplyType } from "../commands/command.ts";
import { integerOrWordReply } from "../commands/reply-types.ts";
import { type Script, script } from "../commands/script.ts";

/** What {@link countScript} answers. */
export const countReply: ReplyType<bigint | CountFailure> = integerOrWordReply([
  "absent",
  "not-an-integer",
  "overflow",
]);

/** What `INCRBY` answers. */
export const sumReply: ReplyType<bigint> = integerOrWordReply([]);

/** ARGV: bytes, lifetime in ms or "forever". An existing key keeps its lifetime. */
export const setKeepingTtl: Script = script(`
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('SET', KEYS[1], ARGV[1], 'KEEPTTL')
end
if ARGV[2] == 'forever' then return redis.call('SET', KEYS[1], ARGV[1]) end
return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
`);

/** Answers 1 for an existing key, which then never expires. */
export const persistExisting: Script = script(`
local exists = redis.call('EXISTS', KEYS[1])
if exists == 1 then redis.call('PERSIST', KEYS[1]) end
return exists
`);

/**
 * ARGV: delta, lifetime of a new counter in ms, "forever", or "none" (an absent key is "absent").
 * Answers the sum, as text beyond 2^53: Lua's numbers lose such integers.
 */
export const countScript: Script = script(`
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
if type(sum) == 'number' then
  if sum > -9007199254740992 and sum < 9007199254740992 then return sum end
  return redis.call('GET', KEYS[1])
end
if string.find(sum.err, 'overflow', 1, true) then return 'overflow' end
if not string.find(sum.err, 'not an integer', 1, true) then return sum end
local value = redis.call('GET', KEYS[1])
if #value > 18 and string.find(value, '^%-?[1-9]%d*$') then return 'overflow' end
return 'not-an-integer'
`);
