export type { CallBounds } from "./connection-options.ts";
export { isRedisLocation, parseRedisLocation } from "./location.ts";
export { borrowRedis, openRedis, type RedisListener } from "./redis-driver.ts";
