import type { InvalidationListener } from "../../../contracts/invalidation.ts";
import { broadcastTrackingCommand, trackingOffCommand } from "../commands/key-commands.ts";
import { UnresponsiveServerError } from "../commands/live-connection.ts";
import { NodeRedisConnection } from "../connection/node-redis-connection.ts";
import type { TrackingClient } from "./tracking-clients.ts";

/** How long an answer vouches for the connection, counted from when the question was sent, in ms. */
const trustMs = 2_000;

/** The pause between two pings, in ms. */
const pingEveryMs = 700;

/** How long a reply may take, in ms. With the pause before the ping, this is less than `trustMs`. */
const answerMs = 1_000;

/** What a {@link TrackingConnection} needs to know. */
export interface TrackingRules {
  readonly listener: InvalidationListener;
  /** What the stored keys begin with; `undefined`: all keys. */
  readonly prefix: string | undefined;
  /** Called once, when the connection is given up. */
  readonly lost: () => void;
}

/**
 * A connection over which the server reports changed keys. It is pinged all the time: a dead connection reports
 * nothing, just as one on which nothing happens.
 */
export class TrackingConnection {
  readonly #connection: NodeRedisConnection;
  readonly #rules: TrackingRules;

  constructor(client: TrackingClient, rules: TrackingRules) {
    this.#rules = rules;
    this.#connection = new NodeRedisConnection(client, {
      answerMs,
      own: {
        pingEveryMs,
        pingsOnlyIdle: false,
        alive: (askedAtMs) => this.#trust(askedAtMs),
        lost: () => this.#lost(),
      },
    });
    client.on("invalidate", (key) => this.#report(key));
  }

  /**
   * Makes the server report every key with the prefix, whoever has read it. The client has turned on the mode that
   * reports keys read over this very connection, of which there are none.
   */
  async begin(): Promise<void> {
    await this.#connection.ask(trackingOffCommand);
    const askedAtMs = performance.now();
    await this.#connection.ask(broadcastTrackingCommand(this.#rules.prefix));
    if (this.#connection.lostBecause) throw this.#connection.lostBecause;
    this.#trust(askedAtMs);
  }

  /** Gives it up, with all that is known by it. */
  lose(because: Error = new UnresponsiveServerError("tracking ended")): void {
    this.#connection.lose(because);
  }

  #lost(): void {
    this.#rules.listener.lostTrack();
    this.#rules.lost();
  }

  #report(key: Buffer | null): void {
    if (key === null) this.#rules.listener.flushed();
    else this.#rules.listener.invalidated(key.toString());
  }

  /** Replies come in the order of the questions, after what was reported before them. */
  #trust(askedAtMs: number): void {
    this.#rules.listener.trustedUntil(askedAtMs + trustMs);
  }
}
