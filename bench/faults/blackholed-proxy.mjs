/** Question: what if a proxy or a load balancer drops the connection silently? */
import { startFaultProxy, startRedisServer } from "cachewell/testing";
import { measureLink } from "./silent-link.mjs";

/** @import { FaultProxy } from "cachewell/testing" */
/** @import { Contender } from "./contenders.mjs" */
/** @import { FaultSettings } from "./settings.mjs" */
/** @import { Link } from "./silent-link.mjs" */

export { figures } from "./silent-link.mjs";

/** @param {FaultSettings} settings */
export const title = ({ blackholeMs, callsPerSecond }) =>
  `proxy swallows everything for ${blackholeMs / 1_000} s, ${callsPerSecond} calls/s`;

/**
 * @param {Contender} contender
 * @param {FaultSettings} settings
 */
export async function measure(contender, settings) {
  const server = await startRedisServer();
  const proxy = await startFaultProxy({ port: server.port });
  try {
    return await measureLink(linkOver(proxy), contender, settings);
  } finally {
    await proxy.stop();
    await server.stop();
  }
}

/**
 * @param {FaultProxy} proxy
 * @returns {Link}
 */
function linkOver(proxy) {
  const closed = () => proxy.accepted - proxy.open;
  return {
    url: proxy.url(),
    cut: () => proxy.inject({ kind: "blackhole" }),
    heal: () => proxy.heal(),
    connections: () => proxy.open,
    stuckSocket: () => {
      const closedBefore = closed();
      return () => closed() > closedBefore;
    },
  };
}
