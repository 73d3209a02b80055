import type { ConnectionOptions as TlsOptions } from "node:tls";
import type { RedisAddress } from "./location.ts";

/** All that makes a connection what it is. Equal options share one connection, different ones never do. */
export interface ConnectionOptions extends RedisAddress {
  readonly tls?: TlsOptions;
  readonly connectTimeoutMs: number;
  readonly commandTimeoutMs: number;
}
