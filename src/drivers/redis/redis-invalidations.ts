import { ConfigurationError, ServerRefusedError } from "../../contracts/errors.ts";
import type {
  InvalidationListener,
  InvalidationScope,
  Invalidations,
} from "../../contracts/invalidation.ts";
import { Backoff } from "../../kit/backoff.ts";
import { connect } from "./connecting.ts";
import { toCacheError } from "./redis-errors.ts";
import type { TrackingClients } from "./tracking-client.ts";
import { TrackingLink } from "./tracking-link.ts";

/** From the start of one attempt to that of the next. */
const outagePauses = { firstMs: 50, longestMs: 1_000 };

/** The same where the server refused: somebody has to change something first. */
const refusalPauseMs = 60_000;

/** Answers by which a server says that it does not know, or not allow, what is needed here. */
const refusals = new Set(["ERR", "NOPERM", "NOPROTO"]);

/**
 * Tells which keys of one Redis change, whoever changes them, over a connection of its own: RESP3
 * client tracking (https://redis.io/docs/latest/develop/reference/client-side-caching/), in the
 * mode in which the server remembers no reader.
 *
 * It connects when it is first followed. Once the connection is lost, or the one for commands is,
 * the next that follows opens another, after a pause that grows from one failure to the next.
 */
export class RedisInvalidations implements Invalidations {
  readonly #clients: TrackingClients;
  readonly #scope: InvalidationScope;
  readonly #backoff = new Backoff(outagePauses);
  readonly #closing = new AbortController();
  #link: TrackingLink | undefined;
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
      this.#link?.lose();
    });
  }

  follow(listener: InvalidationListener): void {
    if (this.#link || this.#opening || this.#closing.signal.aborted) return;
    if (performance.now() < this.#nextAttemptAtMs) return;
    this.#opening = this.#open(listener).finally(() => {
      this.#opening = undefined;
    });
  }

  async close(): Promise<void> {
    this.#unheed();
    this.#closing.abort(new Error("nobody follows any more"));
    this.#link?.lose();
    await this.#opening;
  }

  async #open(listener: InvalidationListener): Promise<void> {
    const startedMs = performance.now();
    try {
      await this.#connect(listener);
      this.#backoff.reset();
      this.#isRefused = false;
    } catch (error) {
      this.#link?.lose();
      this.#failed(toCacheError(error, ["CLIENT"]), startedMs, listener);
    }
  }

  async #connect(listener: InvalidationListener): Promise<void> {
    const lossesBefore = this.#losses;
    const client = await this.#clients.create();
    client.unref(); // whoever waits for it waits for the values, too
    await connect(client, this.#clients.bounds, this.#closing.signal);
    const link = new TrackingLink(client, {
      listener,
      prefix: this.#scope.prefix,
      lost: () => {
        if (this.#link === link) this.#link = undefined;
      },
    });
    this.#link = link;
    if (this.#losses === lossesBefore) await link.begin();
    else link.lose();
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
