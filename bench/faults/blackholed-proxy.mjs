/** Question: what if a proxy or a balancer on the way forgets the connection, and says nothing? */
import { startFaultProxy, startRedisServer } from "../../dist/testing/index.js";
import { measureLink } from "./silent-link.mjs";

export { figures } from "./silent-link.mjs";

export const title = ({ blackholeMs, callsPerSecond }) =>
  `proxy swallows everything for ${blackholeMs / 1_000} s, ${callsPerSecond} calls/s`;

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
