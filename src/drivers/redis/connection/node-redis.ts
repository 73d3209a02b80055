import type { RedisArgument, ReplyOptions } from "../commands/command.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { sharedLookup } from "./shared-lookup.ts";

/** The members of a node-redis client that this library calls, whether it made the client or the user did. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  sendCommand(args: readonly RedisArgument[], options?: ReplyOptions): Promise<unknown>;
  /** Returns the same client, with options for each of its commands. */
  withCommandOptions?(options: ReplyOptions): Pick<NodeRedisClient, "sendCommand">;
  connect(): Promise<unknown>;
  close(): Promise<void>;
  destroy(): void;
  on(event: "error", listener: (cause: unknown) => void): unknown;
  once(event: "connect", listener: () => void): unknown;
}

/**
 * Makes a client of `@redis/client`, not yet connected. Loads the package on first use.
 *
 * Its queue and its reconnects are off, as is its timeout on every command we send: they bound nothing that has
 * been sent, cost an AbortSignal per command, and retry for ever after a wrong password.
 *
 * @param more options of its own, which win over ours
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
  return client as NodeRedisClient; // the subset that we call; node-redis.test-d.ts checks it
}

const lookup = sharedLookup();

/** Its own bound only ends an abandoned attempt: ours comes first, and gives a blocked loop time to catch up. */
const abandonedAfterMs = 1_000;

function socketOptions({ socket, tls, connectTimeoutMs }: ConnectionOptions): object {
  const connectTimeout = Math.min(connectTimeoutMs + abandonedAfterMs, 2 ** 31 - 1);
  if ("path" in socket) return { path: socket.path, connectTimeout };
  const address = { host: socket.host, port: socket.port, connectTimeout };
  return socket.tls ? { lookup, ...tls, ...address, tls: true } : { lookup, ...address };
}
