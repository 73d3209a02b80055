import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { CircuitRules } from "../../kit/circuit-breaker.ts";
import type { CommandBounds } from "./bounded-commands.ts";
import type { RedisAddress } from "./location.ts";

/** What bounds the calls over one connection, or over a client of the user's. */
export interface CallBounds extends CommandBounds {
  readonly circuit: CircuitRules;
}

/** All that makes a connection what it is. Equal options share one connection, different ones never do. */
export interface ConnectionOptions extends RedisAddress, CallBounds {
  readonly tls?: TlsOptions;
  readonly connectTimeoutMs: number;
}
