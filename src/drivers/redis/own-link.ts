import { settleWithin } from "../../kit/deadline.ts";
import { type Link, Silence } from "./carrier.ts";
import type { NodeRedisClient } from "./redis-commands.ts";
import { asError } from "./redis-errors.ts";
import { pongReply } from "./reply-forms.ts";
import { PlainSender, PreparedSender, type Sender } from "./sender.ts";

/** How long a link may be idle before it is asked whether it lives. */
const idleMs = 5_000;

/** What an {@link OwnLink} needs to know. */
export interface OwnLinkRules {
  /** How long an answer may take. */
  readonly answerMs: number;
  /** Told once, when the link is given up. */
  readonly lost: (because: Error) => void;
}

/** A client of ours, connected, until it is lost. While idle it is pinged: TCP alone would not tell. */
export class OwnLink implements Link {
  readonly client: NodeRedisClient;
  readonly sender: Sender;
  readonly openedAtMs: number = performance.now();
  readonly #rules: OwnLinkRules;
  readonly #pinging: NodeJS.Timeout;
  #lostBecause: Error | undefined;
  #answersBefore = 0;
  answers = 0;

  constructor(client: NodeRedisClient, rules: OwnLinkRules) {
    this.client = client;
    this.sender = senderBy(client);
    this.#rules = rules;
    client.on("error", (cause) => this.lose(asError(cause)));
    this.#pinging = setInterval(() => void this.#pingIfIdle(), idleMs).unref();
  }

  get lostBecause(): Error | undefined {
    return this.#lostBecause;
  }

  /** Any error of the client is doubt about its stream, too: it is not used again. */
  lose(because: Error): void {
    if (this.#lostBecause) return;
    this.#lostBecause = because;
    clearInterval(this.#pinging);
    this.client.destroy();
    this.#rules.lost(because);
  }

  /** Drops the connection once its answers are in, or are late. */
  async part(): Promise<void> {
    clearInterval(this.#pinging);
    try {
      await settleWithin(this.client.close(), this.#rules.answerMs, unanswered);
    } catch {
      this.client.destroy(); // it did not part in peace: gone is gone
    }
  }

  async #pingIfIdle(): Promise<void> {
    const isIdle = this.answers === this.#answersBefore;
    this.#answersBefore = this.answers;
    if (!isIdle || !this.client.isReady) return;
    try {
      const pong = this.client.sendCommand(["PING"], pongReply.options);
      await settleWithin(pong, this.#rules.answerMs, unanswered);
    } catch (error) {
      if (error instanceof Unanswered) this.lose(new Silence());
    }
  }
}

class Unanswered extends Error {}

function unanswered(): Error {
  return new Unanswered("answers are still owed");
}

function senderBy(client: NodeRedisClient): Sender {
  return isPreparable(client) ? new PreparedSender(client) : new PlainSender(client);
}

function isPreparable(client: NodeRedisClient): client is Required<NodeRedisClient> {
  return "withCommandOptions" in client;
}
