import { ServerRefusedError, StoreUnavailableError } from "../../../contracts/errors.ts";
import { Backoff } from "../../../kit/backoff.ts";
import { CircuitBreaker } from "../../../kit/circuit-breaker.ts";
import type { ConnectionSource } from "../commands/connection-source.ts";
import { connecting } from "../commands/key-commands.ts";
import { type LiveConnection, UnresponsiveServerError } from "../commands/live-connection.ts";
import { isOutage, toCacheError } from "../commands/server-errors.ts";
import { CircuitProbe } from "./circuit-probe.ts";
import { connect } from "./connect.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { createNodeRedis, type NodeRedisClient } from "./node-redis.ts";
import { NodeRedisConnection } from "./node-redis-connection.ts";

/** How much longer than `connectTimeoutMs` the first call may take, in ms. */
const firstCallGraceMs = 100;

/** The pauses from the start of one attempt to the start of the next. A server that comes back is found within the longest. */
const outagePauses = { firstMs: 50, longestMs: 500 };

/** The same where the server refused: a wrong password must not be tried again and again. */
const refusalPauses = { firstMs: 2_000, longestMs: 2_000 };

/** What an attempt has at the least, since names may be slow to look up. */
const shortestAttemptMs = 750;

/** A server that answers as a replica is left at most this often, in ms. */
const renewEveryMs = 1_000;

/** How long a connection may be idle before a ping finds out whether the server lives, in ms. */
const idleMs = 5_000;

/** Hears what becomes of a connection. */
export interface ConnectionListener {
  connected(): void;
  /** The connection is gone; without a `cause` it was closed on purpose. */
  disconnected(cause?: unknown): void;
}

/**
 * One connection to one Redis, opened by the first command, however many come at once.
 *
 * A lost connection fails what was in flight, and the next command opens a new one: nothing waits in a queue for
 * it, and nothing is sent again. After a failed attempt there is a pause without another, so that a server in
 * trouble is not stormed.
 */
export class Connection implements ConnectionSource {
  readonly breaker: CircuitBreaker;
  current: NodeRedisConnection | undefined = undefined;
  readonly #options: ConnectionOptions;
  readonly #probe: CircuitProbe;
  readonly #listeners = new Set<ConnectionListener>();
  readonly #backoff = new Backoff(outagePauses);
  readonly #refusals = new Backoff(refusalPauses);
  readonly #closing = new AbortController();
  #opening: Promise<NodeRedisConnection> | undefined;
  #failure: unknown;
  #nextAttemptAtMs = 0;
  #hasBeenOpen = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.breaker = new CircuitBreaker(options.circuit);
    this.#probe = new CircuitProbe(this.breaker, {
      probe: async () => (await this.open()).ping(),
      pauseMs: () => this.#pauseMs,
    });
  }

  /** The first call may have to load the client and look up a name; later ones are bounded as any. */
  get openTimeoutMs(): number {
    const { connectTimeoutMs, commandTimeoutMs } = this.#options;
    const firstMs = Math.min(connectTimeoutMs + firstCallGraceMs, 2 ** 31 - 1);
    return this.#hasBeenOpen ? commandTimeoutMs : firstMs;
  }

  get #pauseMs(): number {
    return Math.max(0, this.#nextAttemptAtMs - performance.now());
  }

  /** Callers that come while it connects share the attempt. */
  async open(): Promise<NodeRedisConnection> {
    this.#closing.signal.throwIfAborted();
    const { current } = this;
    if (current?.isReady) return current;
    current?.lose(new Error("the client was ended from outside"));
    if (!this.#opening && this.#pauseMs > 0) throw this.#failure;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  renew(connection: LiveConnection, because: Error): boolean {
    const { current } = this;
    if (!current || connection !== current) return true; // somebody has left it already
    if (performance.now() - current.openedAtMs < renewEveryMs) return false;
    this.current = undefined;
    void current.part();
    this.#tell((listener) => listener.disconnected(because));
    return true;
  }

  /** Calls `listener` at once, too, if the connection is up already. */
  listen(listener: ConnectionListener): void {
    this.#listeners.add(listener);
    if (this.current) listener.connected();
  }

  unlisten(listener: ConnectionListener): void {
    this.#listeners.delete(listener);
  }

  /** Closes the connection once its replies are in, or after `commandTimeoutMs`. Gives up connecting. */
  async close(): Promise<void> {
    this.#probe.stop();
    this.#closing.abort(closed());
    await this.#opening?.catch(() => undefined);
    const { current } = this;
    this.current = undefined;
    if (!current) return;
    await current.part();
    this.#tell((listener) => listener.disconnected());
  }

  async #open(): Promise<NodeRedisConnection> {
    const startedMs = performance.now();
    try {
      const client = await createNodeRedis(this.#options);
      const leftMs = this.#attemptMs - (performance.now() - startedMs); // loading took some
      await connect(client, { ...this.#options, connectTimeoutMs: leftMs }, this.#closing.signal);
      return this.#opened(client);
    } catch (error) {
      throw this.#failed(notConnected(error), startedMs);
    }
  }

  /**
   * TCP retransmits a lost SYN after 1 s (RFC 6298), so a fresh attempt reconnects sooner. A server that needs
   * longer to accept a known client answers no command in time either; TLS takes longer.
   */
  get #attemptMs(): number {
    const { socket, connectTimeoutMs, commandTimeoutMs } = this.#options;
    const isKnown = this.#hasBeenOpen && !("tls" in socket && socket.tls);
    const enoughMs = Math.max(shortestAttemptMs, 1.5 * commandTimeoutMs);
    return isKnown ? Math.min(connectTimeoutMs, enoughMs) : connectTimeoutMs;
  }

  #opened(client: NodeRedisClient): NodeRedisConnection {
    const connection = new NodeRedisConnection(client, {
      answerMs: this.#options.commandTimeoutMs,
      own: {
        pingEveryMs: idleMs,
        pingsOnlyIdle: true,
        lost: (because) => this.#lost(connection, because),
      },
    });
    this.current = connection;
    this.#hasBeenOpen = true;
    this.#backoff.reset();
    this.#tell((listener) => listener.connected());
    return connection;
  }

  #failed(error: Error, startedMs: number): Error {
    const pauses = error instanceof ServerRefusedError ? this.#refusals : this.#backoff;
    this.#nextAttemptAtMs = startedMs + pauses.next();
    this.#failure = error;
    if (isOutage(error)) this.breaker.failed(error);
    else this.breaker.succeeded(); // a server that refuses is up
    return error;
  }

  #lost(connection: NodeRedisConnection, because: Error): void {
    if (this.current !== connection) return;
    this.current = undefined;
    if (!(because instanceof UnresponsiveServerError)) this.breaker.failed(because); // else each call has counted
    this.#tell((listener) => listener.disconnected(because));
  }

  #tell(tell: (listener: ConnectionListener) => void): void {
    for (const listener of this.#listeners) tell(listener);
  }
}

function closed(): StoreUnavailableError {
  return new StoreUnavailableError("the connection was closed", { operation: "connect" });
}

/** A server that answered keeps its own error; all else is a server that could not be reached. */
function notConnected(error: unknown): Error {
  const meaning = toCacheError(error, connecting);
  const isKnown = meaning === error || !(meaning instanceof StoreUnavailableError);
  if (isKnown || meaning.reason) return meaning;
  const problem = reasonOf(error) || "cannot connect";
  return new StoreUnavailableError(problem, { operation: "connect", cause: error });
}

/** A host with several addresses fails with an error per address, and no message of its own. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message : "";
}
