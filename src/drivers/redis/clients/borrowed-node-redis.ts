import { StoreUnavailableError } from "../../../contracts/errors.ts";
import { CircuitBreaker } from "../../../kit/circuit-breaker.ts";
import type { ConnectionSource } from "../commands/connection-source.ts";
import { CircuitProbe } from "../connection/circuit-probe.ts";
import type { CallBounds } from "../connection/connection-options.ts";
import type { NodeRedisClient } from "../connection/node-redis.ts";
import { NodeRedisConnection } from "../connection/node-redis-connection.ts";

/** How often to look whether the user has connected the client, in ms. */
const lookEveryMs = 100;

/** A node-redis client of the user's: connecting, listening and closing stay the user's. */
export class BorrowedNodeRedis implements ConnectionSource {
  readonly breaker: CircuitBreaker;
  readonly openTimeoutMs: number;
  readonly current: NodeRedisConnection;
  readonly #probe: CircuitProbe;

  constructor(client: NodeRedisClient, { circuit, commandTimeoutMs }: CallBounds) {
    this.breaker = new CircuitBreaker(circuit);
    this.openTimeoutMs = commandTimeoutMs;
    this.current = new NodeRedisConnection(client, { answerMs: commandTimeoutMs });
    this.#probe = new CircuitProbe(this.breaker, {
      probe: async () => (await this.open()).ping(),
      pauseMs: () => lookEveryMs,
    });
  }

  async open(): Promise<NodeRedisConnection> {
    if (this.current.isReady) return this.current;
    const problem = "the client given as `client` is not connected";
    throw new StoreUnavailableError(problem, { operation: "connect" });
  }

  renew(): boolean {
    return false;
  }

  /** Probes it no longer. The client stays open. */
  close(): void {
    this.#probe.stop();
  }
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
