import type { CircuitBreaker } from "../../../kit/circuit-breaker.ts";
import type { LiveConnection } from "./live-connection.ts";

/** Where commands to one server get their connection: it opens one, or borrows the user's. */
export interface ConnectionSource {
  /** Holds calls back from this server while it fails. */
  readonly breaker: CircuitBreaker;

  /** The connection at hand, which may not be ready; a plain field, since every command reads it. */
  readonly current: LiveConnection | undefined;

  /** How long a call may wait for a connection, in ms. */
  readonly openTimeoutMs: number;

  /** Returns the connection, or the one being opened. Rejects at once while it pauses between attempts. */
  open(): Promise<LiveConnection>;

  /**
   * Leaves a server that answered as a replica, for the one that its name leads to now. Returns whether
   * another connection can be had.
   */
  renew(connection: LiveConnection, because: Error): boolean;
}
