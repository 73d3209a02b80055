import { ConfigurationError, ServerRefusedError } from "../../../contracts/errors.ts";
import type {
  InvalidationListener,
  InvalidationScope,
  Invalidations,
} from "../../../contracts/invalidation.ts";
import { Backoff } from "../../../kit/backoff.ts";
import { trackingOffCommand } from "../commands/key-commands.ts";
import { toCacheError } from "../commands/server-errors.ts";
import { connect } from "../connection/connect.ts";
import type { TrackingClients } from "./tracking-clients.ts";
import { TrackingConnection } from "./tracking-connection.ts";

/** The pauses from the start of one attempt to the start of the next. */
const outagePauses = { firstMs: 50, longestMs: 1_000 };

/** The same where the server refused: somebody has to change its settings first. */
const refusalPauseMs = 60_000;

/** How a server answers that does not know, or not allow, what tracking needs. */
const refusals = new Set(["ERR", "NOPERM", "NOPROTO"]);

/**
 * Reports which keys of one Redis change, whoever changes them, over a connection of its own: RESP3 client tracking
 * in broadcast mode, in which the server remembers no reader
 * (https://redis.io/docs/latest/develop/reference/client-side-caching/).
 *
 * It connects when it is first followed. After that connection is lost, or the one for commands is, the next call of
 * `follow` opens another, after a pause that grows from one failure to the next.
 */
export class KeyTracking implements Invalidations {
  readonly #clients: TrackingClients;
  readonly #scope: InvalidationScope;
  readonly #backoff = new Backoff(outagePauses);
  readonly #closing = new AbortController();
  #connection: TrackingConnection | undefined;
  #opening: Promise<void> | undefined;
  #nextAttemptAtMs = Number.NEGATIVE_INFINITY;
  #isRefused = false;
  /** How often the connection for commands was lost. */
  #losses = 0;
  readonly #unheed: () => void;

  constructor(clients: TrackingClients, scope: InvalidationScope) {
    this.#clients = clients;
    this.#scope = scope;
    this.#unheed = clients.whenLost(() => {
      this.#losses += 1;
      this.#connection?.lose();
    });
  }

  follow(listener: InvalidationListener): void {
    if (this.#connection || this.#opening || this.#closing.signal.aborted) return;
    if (performance.now() < this.#nextAttemptAtMs) return;
    this.#opening = this.#open(listener).finally(() => {
      this.#opening = undefined;
    });
  }

  async close(): Promise<void> {
    this.#unheed();
    this.#closing.abort(new Error("tracking has ended"));
    this.#connection?.lose();
    await this.#opening;
  }

  async #open(listener: InvalidationListener): Promise<void> {
    const startedMs = performance.now();
    try {
      await this.#follow(listener);
      this.#backoff.reset();
      this.#isRefused = false;
    } catch (error) {
      this.#connection?.lose();
      this.#failed(toCacheError(error, trackingOffCommand), startedMs, listener);
    }
  }

  async #follow(listener: InvalidationListener): Promise<void> {
    const lossesBefore = this.#losses;
    const client = await this.#clients.create();
    client.unref(); // whoever needs it waits for values, too
    await connect(client, this.#clients.bounds, this.#closing.signal);
    const connection = new TrackingConnection(client, {
      listener,
      prefix: this.#scope.prefix,
      lost: () => {
        if (this.#connection === connection) this.#connection = undefined;
      },
    });
    this.#connection = connection;
    if (this.#losses === lossesBefore) await connection.begin();
    else connection.lose();
  }

  #failed(error: Error, startedMs: number, listener: InvalidationListener): void {
    const isRefusal = error instanceof ServerRefusedError && refusals.has(error.reason);
    const pauseMs = isRefusal ? refusalPauseMs : this.#backoff.next();
    this.#nextAttemptAtMs = startedMs + pauseMs;
    if (!isRefusal || this.#isRefused) return;
    this.#isRefused = true;
    listener.refused(cannotTrack(error));
  }
}

function cannotTrack(cause: ServerRefusedError): ConfigurationError {
  return new ConfigurationError(
    "nearCache",
    `nearCache has no effect: the server answered ${cause.reason} to what it needs, client ` +
      "tracking over RESP3 (Redis 6 or newer, or Valkey) and a user who may run CLIENT TRACKING " +
      "(ACL: +client|tracking). Its answer is in `cause`.",
    { cause },
  );
}
