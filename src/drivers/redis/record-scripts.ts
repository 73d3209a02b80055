import { type Script, script, serverTime } from "./scripts.ts";

/*
 * A record is a hash of its fields, and of the store's own:
 *
 *   #born    when it was created, in unix ms by the server's clock; a hash without it lives no more
 *   #ends    when its life ends, likewise: as the key's, so that one plain command tells it with the fields
 *   #moved   alone in what a record left behind: the key it went to
 */

/** Gives `born`, or returns the error where the key holds another type. */
const readBorn = `
local born = redis.pcall('HGET', KEYS[1], '#born')
if type(born) == 'table' then return born end
`;

/** Gives `leftMs(born)` out of three arguments, each "" where it is not given: ttl, until, max age. */
function lifetimeFrom(first: number): string {
  return `
local ttlMs, untilMs, maxAgeMs = ARGV[${first}], ARGV[${first + 1}], ARGV[${first + 2}]
local function leftMs(bornMs)
  local left = math.huge
  if ttlMs ~= '' then left = tonumber(ttlMs) end
  if untilMs ~= '' then left = math.min(left, untilMs - nowMs) end
  if maxAgeMs ~= '' then left = math.min(left, bornMs + maxAgeMs - nowMs) end
  return left
end
`;
}

/** How many arguments one command within a script gets of ours at most: an even number. Lua's stack holds 8,000. */
const argumentsAtOnce = 1_000;

/**
 * Gives `change(key, born, left)`, which changes a record and gives it its life, out of a number of fields to
 * set, their names and values, and the names to remove.
 */
function changeFrom(first: number): string {
  return `
local firstSet, lastSet = ${first + 1}, ${first} + 2 * ARGV[${first}]
local function inParts(command, key, from, to)
  for at = from, to, ${argumentsAtOnce} do
    redis.call(command, key, unpack(ARGV, at, math.min(to, at + ${argumentsAtOnce - 1})))
  end
end
local function change(key, born, left)
  local ends = string.format('%.0f', nowMs + left)
  local some = math.min(lastSet, firstSet + ${argumentsAtOnce - 1})
  redis.call('HSET', key, '#born', born, '#ends', ends, unpack(ARGV, firstSet, some))
  inParts('HSET', key, some + 1, lastSet)
  inParts('HDEL', key, lastSet + 1, #ARGV)
  redis.call('PEXPIREAT', key, ends)
end
`;
}

/** Answers the server's time in unix ms, and fields and values by turns. */
export const loadRecord: Script = script(`${serverTime}
local fields = redis.pcall('HGETALL', KEYS[1])
if fields.err then return fields end
return { nowMs, fields }
`);

/** ARGV: "create", "update" or "put", lifetime, change. Answers 1 when it wrote. */
export const writeRecord: Script =
  script(`${serverTime}${readBorn}${lifetimeFrom(2)}${changeFrom(5)}
if ARGV[1] == 'update' and not born then return 0 end
if ARGV[1] == 'create' and redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
if ARGV[1] == 'put' then redis.call('DEL', KEYS[1]) end
born = born or string.format('%.0f', nowMs)
local left = leftMs(born)
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return 1
end
change(KEYS[1], born, left)
return 1
`);

/** ARGV: lifetime. Answers 1 when it lives. */
export const touchRecord: Script = script(`${serverTime}${readBorn}${lifetimeFrom(1)}
if not born then return 0 end
local ends = string.format('%.0f', nowMs + leftMs(born))
redis.call('HSET', KEYS[1], '#ends', ends)
return redis.call('PEXPIREAT', KEYS[1], ends)
`);

/** KEYS: from, to. ARGV: how long to remember the move in ms, lifetime, change. Answers 1 when it moved. */
export const moveRecord: Script = script(`${serverTime}${readBorn}${lifetimeFrom(2)}${changeFrom(5)}
if not born or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
local left = leftMs(born)
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('RENAME', KEYS[1], KEYS[2])
change(KEYS[2], born, left)
redis.call('HSET', KEYS[1], '#moved', KEYS[2])
redis.call('PEXPIRE', KEYS[1], string.format('%.0f', ARGV[1]))
return 1
`);

/** ARGV: a field and what it must hold, or none. Answers 1 when it removed a record, and where that has gone or "". */
export const destroyRecord: Script = script(`${readBorn}
if not born then return { 0, redis.call('HGET', KEYS[1], '#moved') or '' } end
if #ARGV > 0 and redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return { 0, '' } end
redis.call('UNLINK', KEYS[1])
return { 1, '' }
`);

/** ARGV: member, lease in ms. */
export const addMember: Script = script(`${serverTime}
redis.call('ZADD', KEYS[1], string.format('%.0f', nowMs + ARGV[2]), ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', nowMs))
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
if last[2] then redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2])) end
return 1
`);
