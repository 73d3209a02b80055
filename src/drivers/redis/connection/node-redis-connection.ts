import { withTimeout } from "../../../kit/with-timeout.ts";
import type { Command, ReplyOptions } from "../commands/command.ts";
import { pingCommand } from "../commands/key-commands.ts";
import { type LiveConnection, UnresponsiveServerError } from "../commands/live-connection.ts";
import { ServerClock } from "../commands/server-clock.ts";
import { asError, isRefusal, toCacheError } from "../commands/server-errors.ts";
import type { NodeRedisClient } from "./node-redis.ts";

/** What a {@link NodeRedisConnection} needs to know. */
export interface LiveConnectionRules {
  /** How long a reply may take, in ms. */
  readonly answerMs: number;

  /** What a client of ours has, and one of the user's has not. */
  readonly own?: OwnClientRules | undefined;
}

/** How a client that this library opened is watched. */
export interface OwnClientRules {
  /** The pause between two pings, in ms. */
  readonly pingEveryMs: number;
  /** Whether a connection over which replies have come since the last ping is left alone. */
  readonly pingsOnlyIdle: boolean;
  /** Called after each ping that was answered, with when it was sent, on the monotonic clock. */
  readonly alive?: ((askedAtMs: number) => void) | undefined;
  /** Called once, when the connection is given up. */
  readonly lost: (because: Error) => void;
}

/**
 * A connected node-redis client. One of ours is pinged, since TCP alone does not tell whether the server lives,
 * and is given up after any error: its stream is in doubt then. The user's own is left to its owner.
 */
export class NodeRedisConnection implements LiveConnection {
  readonly client: NodeRedisClient;
  readonly clock: ServerClock = new ServerClock();
  readonly openedAtMs: number = performance.now();
  answers = 0;
  lostBecause: Error | undefined = undefined;
  readonly #rules: LiveConnectionRules;
  readonly #pinging: NodeJS.Timeout | undefined;
  #answersBefore = 0;
  /** The client with options for each of its commands, by those options. */
  readonly #prepared = new Map<ReplyOptions, Pick<NodeRedisClient, "sendCommand">>();

  constructor(client: NodeRedisClient, rules: LiveConnectionRules) {
    this.client = client;
    this.#rules = rules;
    const { own } = rules;
    if (!own) return;
    client.on("error", (cause) => this.lose(asError(cause)));
    this.#pinging = setInterval(() => void this.#pingIfDue(own), own.pingEveryMs).unref();
  }

  get isReady(): boolean {
    return this.client.isReady;
  }

  /**
   * node-redis copies the options that come with a command, which costs more than the command itself, but not those
   * that it took beforehand. node-redis 5, as the user's client may be, would forget what it took.
   */
  send({ args, reply }: Command): Promise<unknown> {
    const prepared = this.#prepared.get(reply.options);
    return prepared ? prepared.sendCommand(args) : this.#sendWithOptions(args, reply.options);
  }

  /**
   * A server is unresponsive when a reply has taken its whole time, and no other has come meanwhile; where others
   * come, it has as long once more. A caller who had to wait for the connection may be gone before that.
   */
  judge(sentAtMs: number, answersBefore: number): number | undefined {
    const { answerMs } = this.#rules;
    const isSilent = this.answers === answersBefore;
    const leftMs = sentAtMs + (isSilent ? answerMs : 2 * answerMs) - performance.now();
    if (leftMs > 0) return leftMs;
    this.lose(
      new UnresponsiveServerError(isSilent ? undefined : "the server's answers come too late"),
    );
    return undefined;
  }

  lose(because: Error): void {
    const { own } = this.#rules;
    if (!own || this.lostBecause) return;
    this.lostBecause = because;
    clearInterval(this.#pinging);
    this.client.destroy();
    own.lost(because);
  }

  /** Sends a command for the connection's own sake, and gives the connection up if its reply is late or does not match. */
  async ask(command: Command): Promise<void> {
    const reply = await withTimeout(this.send(command), this.#rules.answerMs, unanswered);
    if (!command.reply.matches(reply, command)) throw new Unanswered("the reply does not match");
  }

  /** Resolves once the server answers a ping, with whatever it says. */
  async ping(): Promise<void> {
    try {
      await this.ask(pingCommand);
    } catch (error) {
      if (error instanceof Unanswered) this.lose(new UnresponsiveServerError());
      if (error instanceof Unanswered || !isRefusal(toCacheError(error, pingCommand))) throw error;
    }
  }

  /** Drops the connection once its replies are in, or are late. */
  async part(): Promise<void> {
    clearInterval(this.#pinging);
    try {
      await withTimeout(this.client.close(), this.#rules.answerMs, unanswered);
    } catch {
      this.client.destroy(); // it does not answer: gone is gone
    }
  }

  #sendWithOptions(args: Command["args"], options: ReplyOptions): Promise<unknown> {
    try {
      if (!this.#rules.own || !this.client.withCommandOptions) {
        return this.client.sendCommand(args, options);
      }
      const prepared = this.client.withCommandOptions(options);
      this.#prepared.set(options, prepared);
      return prepared.sendCommand(args);
    } catch (error) {
      return Promise.reject(asError(error)); // a client of the user's may throw
    }
  }

  async #pingIfDue({ pingsOnlyIdle, alive }: OwnClientRules): Promise<void> {
    const isIdle = this.answers === this.#answersBefore;
    this.#answersBefore = this.answers;
    if (pingsOnlyIdle && !isIdle) return;
    const askedAtMs = performance.now();
    try {
      await this.ping();
      if (!this.lostBecause) alive?.(askedAtMs);
    } catch (error) {
      this.lose(asError(error)); // somebody ended the client, without an error event
    }
  }
}

class Unanswered extends Error {}

function unanswered(): Error {
  return new Unanswered("replies are still owed");
}
