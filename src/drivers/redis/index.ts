export type { ConnectionListener } from "./connection.ts";
export { isRedisLocation, parseRedisLocation } from "./location.ts";
export { borrowRedis, openRedis } from "./redis-driver.ts";
