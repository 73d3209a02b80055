import { readingScript, type Script, script, serverTime } from "../commands/script.ts";

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

/** Gives `left` out of three arguments, each "" where it is not given: ttl, until, max age. */
function leftFrom(first: number): string {
  const [ttlMs, untilMs, maxAgeMs] = [`ARGV[${first}]`, `ARGV[${first + 1}]`, `ARGV[${first + 2}]`];
  return `
local left = math.huge
if ${ttlMs} ~= '' then left = tonumber(${ttlMs}) end
if ${untilMs} ~= '' then left = math.min(left, ${untilMs} - nowMs) end
if ${maxAgeMs} ~= '' then left = math.min(left, born + ${maxAgeMs} - nowMs) end
`;
}

const ends = "string.format('%.0f', nowMs + left)";

/** How many arguments one command within a script gets of ours at most: an even number. Lua's stack holds 8,000. */
const atOnce = 1_000;

/** Sends a command with the arguments `from` to `to`, in parts. */
function inParts(command: string, from: string, to: string): string {
  return `
for at = ${from}, ${to}, ${atOnce} do
  redis.call(${command}, unpack(ARGV, at, math.min(${to}, at + ${atOnce - 1})))
end
`;
}

/**
 * Changes the record under a key, and gives it its life, out of a number of fields to set, their names and
 * values, and the names to remove.
 */
function changeFrom(first: number, key: string): string {
  return `
local lastSet = ${first} + 2 * ARGV[${first}]
local some = math.min(lastSet, ${first + atOnce})
local ends = ${ends}
redis.call('HSET', ${key}, '#born', born, '#ends', ends, unpack(ARGV, ${first + 1}, some))
${inParts(`'HSET', ${key}`, "some + 1", "lastSet")}
${inParts(`'HDEL', ${key}`, "lastSet + 1", "#ARGV")}
redis.call('PEXPIREAT', ${key}, ends)
`;
}

/** Answers the server's time in unix ms, and fields and values by turns. */
export const loadRecord: Script = readingScript(`${serverTime}
local fields = redis.pcall('HGETALL', KEYS[1])
if fields.err then return fields end
return { nowMs, fields }
`);

/** ARGV: lifetime, change. Answers 1 when it wrote. */
function writing(first: string): Script {
  return script(`${serverTime}${readBorn}${first}
born = born or string.format('%.0f', nowMs)
${leftFrom(1)}
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return 1
end
${changeFrom(4, "KEYS[1]")}
return 1
`);
}

/** Writes where nothing lies. */
export const createRecord: Script = writing(
  "if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end",
);

/** Writes to a record that lives. */
export const updateRecord: Script = writing("if not born then return 0 end");

/** Writes to a record that lives, and leaves its life as it is. ARGV: change. Answers 1 when it wrote. */
export const updateFieldsOnly: Script = script(`${readBorn}
if not born then return 0 end
local lastSet = 1 + 2 * ARGV[1]
${inParts("'HSET', KEYS[1]", "2", "lastSet")}
${inParts("'HDEL', KEYS[1]", "lastSet + 1", "#ARGV")}
return 1
`);

/** Writes over whatever lies there. */
export const putRecord: Script = writing("redis.call('DEL', KEYS[1])");

/** ARGV: lifetime. Answers 1 when it lives. Its first write is one that a server without memory allows. */
export const touchRecord: Script = script(`${serverTime}${readBorn}
if not born then return 0 end
${leftFrom(1)}
local ends = ${ends}
redis.call('PEXPIREAT', KEYS[1], ends)
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], '#ends', ends) end
return 1
`);

/** KEYS: from, to. ARGV: how long to remember the move in ms, lifetime, change. Answers 1 when it moved. */
export const moveRecord: Script = script(`${serverTime}${readBorn}
if not born or redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
${leftFrom(2)}
if left <= 0 then
  redis.call('DEL', KEYS[1])
  return 0
end
redis.call('RENAME', KEYS[1], KEYS[2])
${changeFrom(5, "KEYS[2]")}
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
