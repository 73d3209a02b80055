export type { CallBounds } from "./connection/connection-options.ts";
export { isRedisLocation, parseRedisLocation } from "./location/location.ts";
export { borrowRedis, openRedis, type RedisListener } from "./redis-driver.ts";
