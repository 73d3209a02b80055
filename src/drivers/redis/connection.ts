import { ServerRefusedError, StoreUnavailableError } from "../../contracts/errors.ts";
import { Backoff } from "../../kit/backoff.ts";
import type { CircuitBreaker } from "../../kit/circuit-breaker.ts";
import { type Carrier, type Link, Silence } from "./carrier.ts";
import { connect } from "./connecting.ts";
import type { ConnectionOptions } from "./connection-options.ts";
import { createNodeRedis } from "./node-redis.ts";
import { OwnLink } from "./own-link.ts";
import type { NodeRedisClient } from "./redis-commands.ts";
import { isOutage, toCacheError } from "./redis-errors.ts";

/** How much longer than `connectTimeoutMs` a call may take that is the first to connect. */
const firstCallGraceMs = 100;

/** From the start of one attempt to that of the next. A server that comes back is found within the longest. */
const outagePauses = { firstMs: 50, longestMs: 500 };

/** The same where the server said no: a password is not guessed at. */
const refusalPauses = { firstMs: 2_000, longestMs: 2_000 };

/** What an attempt has at the least, should names be slow to look up. */
const shortestAttemptMs = 750;

/** A server that answers as a replica is left at most this often. */
const renewEveryMs = 1_000;

/** Told what becomes of a connection. */
export interface ConnectionListener {
  connected(): void;
  /** The connection is gone; without `cause` it was closed on purpose. */
  disconnected(cause?: unknown): void;
}

/**
 * One connection to one Redis, opened by the first command, however many come at once.
 *
 * A connection that is lost fails what was under way, and the next command opens a new one:
 * nothing waits in a queue for it, and nothing is sent again. An attempt that fails is followed by
 * a pause in which there is no other, so that a server in trouble is not stormed.
 */
export class Connection implements Carrier {
  readonly #options: ConnectionOptions;
  readonly #breaker: CircuitBreaker;
  readonly #listeners = new Set<ConnectionListener>();
  readonly #backoff = new Backoff(outagePauses);
  readonly #refusals = new Backoff(refusalPauses);
  readonly #closing = new AbortController();
  #current: OwnLink | undefined;
  #opening: Promise<Link> | undefined;
  #failure: unknown;
  #nextAttemptAtMs = 0;
  #hasBeenOpen = false;

  constructor(options: ConnectionOptions, breaker: CircuitBreaker) {
    this.#options = options;
    this.#breaker = breaker;
  }

  get link(): Link | undefined {
    return this.#current?.client.isReady ? this.#current : undefined;
  }

  /** The first call may have to load the client and look up a name; later ones are bounded as any. */
  get linkTimeoutMs(): number {
    const { connectTimeoutMs, commandTimeoutMs } = this.#options;
    const firstMs = Math.min(connectTimeoutMs + firstCallGraceMs, 2 ** 31 - 1);
    return this.#hasBeenOpen ? commandTimeoutMs : firstMs;
  }

  get pauseMs(): number {
    return Math.max(0, this.#nextAttemptAtMs - performance.now());
  }

  /** Callers that come while it connects share the attempt. */
  async linked(): Promise<Link> {
    this.#closing.signal.throwIfAborted();
    const current = this.#current;
    if (current?.client.isReady) return current;
    current?.lose(new Error("the client was ended from outside"));
    if (!this.#opening && this.pauseMs > 0) throw this.#failure;
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  renew(link: Link, because: Error): boolean {
    const current = this.#current;
    if (link !== current) return true; // somebody has left it already
    if (performance.now() - current.openedAtMs < renewEveryMs) return false;
    this.#current = undefined;
    void current.part();
    this.#tell((listener) => listener.disconnected(because));
    return true;
  }

  /** Tells `listener` at once, too, when the connection is up already. */
  listen(listener: ConnectionListener): void {
    this.#listeners.add(listener);
    if (this.#current) listener.connected();
  }

  unlisten(listener: ConnectionListener): void {
    this.#listeners.delete(listener);
  }

  /** Lets go of the server once its answers are in, or once `commandTimeoutMs` is over. Gives up connecting. */
  async close(): Promise<void> {
    this.#closing.abort(closed());
    await this.#opening?.catch(() => undefined);
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    await current.part();
    this.#tell((listener) => listener.disconnected());
  }

  async #open(): Promise<Link> {
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
   * Where packets vanish, TCP knocks again only after a second (RFC 6298): a new attempt knocks
   * sooner. A server that takes longer to let in a known client answers no command in time either;
   * with TLS it has more to do.
   */
  get #attemptMs(): number {
    const { socket, connectTimeoutMs, commandTimeoutMs } = this.#options;
    const isKnown = this.#hasBeenOpen && !("tls" in socket && socket.tls);
    const enoughMs = Math.max(shortestAttemptMs, 1.5 * commandTimeoutMs);
    return isKnown ? Math.min(connectTimeoutMs, enoughMs) : connectTimeoutMs;
  }

  #opened(client: NodeRedisClient): Link {
    const link = new OwnLink(client, {
      answerMs: this.#options.commandTimeoutMs,
      lost: (because) => this.#lost(link, because),
    });
    this.#current = link;
    this.#hasBeenOpen = true;
    this.#backoff.reset();
    this.#tell((listener) => listener.connected());
    return link;
  }

  #failed(error: Error, startedMs: number): Error {
    const pauses = error instanceof ServerRefusedError ? this.#refusals : this.#backoff;
    this.#nextAttemptAtMs = startedMs + pauses.next();
    this.#failure = error;
    if (isOutage(error)) this.#breaker.failed(error);
    else this.#breaker.succeeded(); // it refused: it is there
    return error;
  }

  #lost(link: OwnLink, because: Error): void {
    if (this.#current !== link) return;
    this.#current = undefined;
    if (!(because instanceof Silence)) this.#breaker.failed(because); // else each call has counted
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
  const meaning = toCacheError(error, ["connect"]);
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
