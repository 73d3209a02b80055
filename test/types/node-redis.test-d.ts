/**
 * The subset of node-redis that the driver declares is one that the real client has. Nothing here
 * runs: `tsc` checks it.
 */
import { createClient } from "@redis/client";
import type { RedisArgument } from "../../src/drivers/redis/commands/command.ts";
import type { NodeRedisClient } from "../../src/drivers/redis/connection/node-redis.ts";
import type { TrackingClient } from "../../src/drivers/redis/tracking/tracking-clients.ts";

type Options = { readonly typeMapping: { readonly 36?: typeof Buffer } };

/** As declared, but for `timeout: undefined`: it turns a client's own timeout off, and only its types refuse it. */
type Subset = Omit<NodeRedisClient, "sendCommand" | "withCommandOptions"> & {
  withCommandOptions(options: Options): Pick<Subset, "sendCommand">;
  sendCommand(command: readonly RedisArgument[], options?: Options): Promise<unknown>;
};

export const clients: readonly Subset[] = [
  createClient({ RESP: 2 }),
  createClient({ RESP: 2, disableOfflineQueue: true, maintNotifications: "disabled" }),
];

/** The members of a client that is told of changes, beside those of any. */
export const trackingClients: readonly Pick<TrackingClient, "on" | "unref">[] = [
  createClient({ RESP: 3, emitInvalidate: true }),
];
