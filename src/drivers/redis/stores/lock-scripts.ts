import { type Script, script, serverTime } from "../commands/script.ts";

/*
 * A lock is a hash of token, until (unix ms, by the server's clock) and fence. It outlives its holder for a
 * while, so that the fence goes on growing where it stopped. If the server forgets it all the same, the next
 * fence starts at the time in microseconds, which is past any fence given before.
 */

const whoHolds = `
local lock = redis.call('HMGET', KEYS[1], 'token', 'until', 'fence')
local held = lock[2] and tonumber(lock[2]) > nowMs
`;

/** ARGV: token, lifetime in ms, how long the server remembers the fence after that, in ms. Answers the fence, or nothing. */
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
