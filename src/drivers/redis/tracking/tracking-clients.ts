import { ConfigurationError } from "../../../contracts/errors.ts";
import type { ConnectBounds } from "../connection/connect.ts";
import type { Connection } from "../connection/connection.ts";
import type { ConnectionOptions } from "../connection/connection-options.ts";
import { createNodeRedis, type NodeRedisClient } from "../connection/node-redis.ts";

/** A node-redis client, not yet connected, that emits what the server reports of changed keys. */
export interface TrackingClient extends NodeRedisClient {
  on(event: "error", listener: (cause: unknown) => void): unknown;
  /** `null`: all keys, as after a flush. */
  on(event: "invalidate", listener: (key: Buffer | null) => void): unknown;
  unref(): void;
}

/** Makes clients for a further connection to the server that holds the values. */
export interface TrackingClients {
  readonly bounds: ConnectBounds;
  create(): Promise<TrackingClient>;

  /**
   * Calls `lost` whenever the connection for commands is lost: its successor may lead to another server, whose
   * changes the one before does not report. Returns the function that ends that.
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

/** The members of a user's client that duplicating it needs. */
interface Duplicable {
  readonly options?: { readonly socket?: object };
  duplicate(overrides: object): TrackingClient;
  on(event: "ready", listener: () => void): unknown;
  off(event: "ready", listener: () => void): unknown;
}

/** How long connecting may take where the user's client does not say. */
const connectTimeoutMs = 2_000;

/** Options that the user's client may have been made with, and that would be in the way. */
const plain = {
  disableOfflineQueue: true,
  maintNotifications: "disabled",
  clientSideCache: undefined,
  commandOptions: {},
};

/**
 * Returns what makes duplicates of a client of the user's.
 *
 * @throws ConfigurationError where it cannot be duplicated, or its version drops what the server reports
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

/** A version that knows the option refuses it with RESP 2; one that does not would drop all reports unnoticed. */
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
