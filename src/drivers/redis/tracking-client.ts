import { ConfigurationError } from "../../contracts/errors.ts";
import type { ConnectBounds } from "./connecting.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { createNodeRedis } from "./node-redis.ts";
import type { NodeRedisClient } from "./redis-commands.ts";

/** A node-redis client, not yet connected, that hands on what the server tells of changed keys. */
export interface TrackingClient extends NodeRedisClient {
  on(event: "error", listener: (cause: unknown) => void): unknown;
  /** `null`: all keys, as after a flush. */
  on(event: "invalidate", listener: (key: Buffer | null) => void): unknown;
  unref(): void;
}

/** Makes clients for a connection of their own to the server that the values are in. */
export interface TrackingClients {
  readonly bounds: ConnectBounds;
  create(): Promise<TrackingClient>;

  /**
   * Calls `lost` whenever the connection for commands is lost: its successor may be to another
   * server, of whose changes the one before knows nothing. Returns what ends that.
   */
  whenLost(lost: () => void): () => void;
}

const tracking = { RESP: 3, emitInvalidate: true } as const;

/** Returns what makes clients with the options of a connection of ours. */
export function ownTrackingClients(
  options: ConnectionOptions,
  connection: Connection,
): TrackingClients {
  return {
    bounds: options,
    create: async () => (await createNodeRedis(options, tracking)) as TrackingClient, // by its options
    whenLost(lost) {
      const listener = { connected: () => undefined, disconnected: lost };
      connection.listen(listener);
      return () => connection.unlisten(listener);
    },
  };
}

/** A client of the user's, as far as it is made another one of. */
interface Duplicable {
  readonly options?: { readonly socket?: object };
  duplicate(overrides: object): TrackingClient;
  on(event: "ready", listener: () => void): unknown;
  off(event: "ready", listener: () => void): unknown;
}

/** How long connecting may take where the user's client does not say. */
const connectTimeoutMs = 2_000;

/** What would get in the way, of all that the user's client may have been made with. */
const plain = {
  disableOfflineQueue: true,
  maintNotifications: "disabled",
  clientSideCache: undefined,
  commandOptions: {},
};

/**
 * Returns what makes duplicates of a client of the user's.
 *
 * @throws ConfigurationError where it cannot be duplicated, or its version drops what it is told
 */
export function borrowedTrackingClients(
  client: NodeRedisClient,
  commandTimeoutMs: number,
): TrackingClients {
  if (!isDuplicable(client) || !handsOnInvalidations(client)) throw cannotTrack();
  return {
    bounds: { connectTimeoutMs, commandTimeoutMs },
    create: async () => {
      const socket = { ...client.options?.socket, reconnectStrategy: false };
      return client.duplicate({ ...plain, ...tracking, socket });
    },
    whenLost(lost) {
      client.on("ready", lost); // it connects anew by itself
      return () => client.off("ready", lost);
    },
  };
}

function isDuplicable(client: NodeRedisClient): client is NodeRedisClient & Duplicable {
  return "duplicate" in client && typeof client.duplicate === "function";
}

/** A version that knows the option refuses it with RESP 2; one that does not would stay deaf, unnoticed. */
function handsOnInvalidations(client: Duplicable): boolean {
  try {
    client.duplicate({ ...plain, RESP: 2, emitInvalidate: true });
    return false;
  } catch {
    return true;
  }
}

function cannotTrack(): ConfigurationError {
  return new ConfigurationError(
    "nearCache",
    "nearCache needs a client that can be duplicated and knows the option emitInvalidate, as " +
      "node-redis 6 does: give such a client, or a location, or leave nearCache out.",
  );
}
