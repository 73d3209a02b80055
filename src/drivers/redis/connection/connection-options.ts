import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { CircuitRules } from "../../../kit/circuit-breaker.ts";
import type { CommandBounds } from "../commands/command-executor.ts";
import type { RedisAddress } from "../location/location.ts";

/** What bounds the calls to one server, over a connection of ours or a client of the user's. */
export interface CallBounds extends CommandBounds {
  readonly circuit: CircuitRules;
}

/** The identity of a connection: equal options share one, different options never do. */
export interface ConnectionOptions extends RedisAddress, CallBounds {
  readonly tls?: TlsOptions;
  readonly connectTimeoutMs: number;
}
