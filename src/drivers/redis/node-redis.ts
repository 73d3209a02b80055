import type { ConnectionOptions } from "./connection-options.ts";
import type { NodeRedisClient } from "./redis-commands.ts";
import { sharedLookup } from "./shared-lookup.ts";

/**
 * Makes a client of `@redis/client`, not yet connected. The package is loaded here, on first use.
 *
 * Its queue and reconnects are off, as is its timeout on every command we send: they bound nothing
 * that has been sent, cost an AbortSignal per command, and try for ever after a wrong password.
 * `more` are options of its own, which win over ours.
 */
export async function createNodeRedis(
  options: ConnectionOptions,
  more: object = {},
): Promise<NodeRedisClient> {
  const { createClient } = await import("@redis/client");
  const client: unknown = createClient({
    RESP: 2,
    socket: { ...socketOptions(options), reconnectStrategy: false },
    database: options.database,
    ...(options.username !== undefined && { username: options.username }),
    ...(options.password !== undefined && { password: options.password }),
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    clientInfoTag: "cachewell",
    ...more,
  });
  return client as NodeRedisClient; // its subset that we call; redis-commands.test-d.ts checks it
}

/** Returns whether `candidate` looks like a node-redis client of one server. */
export function isNodeRedisClient(candidate: unknown): candidate is NodeRedisClient {
  return (
    typeof candidate === "object" &&
    candidate !== null &&
    "withTypeMapping" in candidate &&
    "isReady" in candidate &&
    "sendCommand" in candidate &&
    typeof candidate.sendCommand === "function" &&
    !("masters" in candidate) &&
    !("getSentinelNode" in candidate)
  );
}

const lookup = sharedLookup();

/** Its own bound is only what ends an abandoned attempt: ours comes first, and lets a blocked loop catch up. */
const abandonedAfterMs = 1_000;

function socketOptions({ socket, tls, connectTimeoutMs }: ConnectionOptions): object {
  const connectTimeout = Math.min(connectTimeoutMs + abandonedAfterMs, 2 ** 31 - 1);
  if ("path" in socket) return { path: socket.path, connectTimeout };
  const address = { host: socket.host, port: socket.port, connectTimeout };
  return socket.tls ? { lookup, ...tls, ...address, tls: true } : { lookup, ...address };
}
