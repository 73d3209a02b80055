export {
  type FaultProxy,
  type FaultProxyTarget,
  startFaultProxy,
} from "./fault-proxy.ts";
export type { Fault } from "./faults.ts";
export { ManualClock } from "./manual-clock.ts";
export {
  type RedisServer,
  type RedisServerOptions,
  startRedisServer,
} from "./redis-server.ts";
