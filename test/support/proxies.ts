import { onTestFinished } from "vitest";
import { type FaultProxy, startFaultProxy } from "../../src/testing/fault-proxy.ts";
import type { RedisServer } from "../../src/testing/redis-server.ts";

/** Starts a fault proxy before a server, which is stopped when the test is over. */
export async function startedProxy(server: RedisServer): Promise<FaultProxy> {
  const proxy = await startFaultProxy(server);
  onTestFinished(() => proxy.stop());
  return proxy;
}
